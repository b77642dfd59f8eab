--- S3: buckets with their configurations, objects with versions, uploads in parts.
local text = require "sim.protocol.text"

return {
  parts = { "bucket", "configuration", "policy", "object", "delete", "list", "multipart", "tag" },
  validation = { default = "InvalidArgument", unknown = "MalformedXML", enum = "MalformedXML", missing = "MalformedXML" },
  statuses = {
    NoSuchVersion = 404, NoSuchTagSet = 404, NoSuchBucketPolicy = 404, NoSuchLifecycleConfiguration = 404,
    NoSuchCORSConfiguration = 404, NoSuchWebsiteConfiguration = 404, NoSuchPublicAccessBlockConfiguration = 404,
    OwnershipControlsNotFoundError = 404, ReplicationConfigurationNotFoundError = 404, NoSuchUpload = 404,
    ObjectLockConfigurationNotFoundError = 404, ServerSideEncryptionConfigurationNotFoundError = 404, NoSuchConfiguration = 404,
    BucketNotEmpty = 409, InvalidBucketState = 409, OperationAborted = 409, PreconditionFailed = 412, AccessDenied = 403,
    MethodNotAllowed = 405, NotModified = 304, InvalidRange = 416, NoSuchKey = 404, NoSuchBucket = 404,
    CrossLocationLoggingProhibited = 403,
  },
  -- The one document whose root element holds text, which no model says.
  documents = {
    GetBucketLocation = function(output)
      return '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        .. text.xml(output.LocationConstraint or "") .. "</LocationConstraint>"
    end,
  },
}
