--- Files to objects and objects to files, in parts that move at once.
return {
  copy = require "cso.aws.transfer.copy",
  upload = require "cso.aws.transfer.upload",
  download = require "cso.aws.transfer.download",
  stream = require "cso.aws.transfer.stream",
}
