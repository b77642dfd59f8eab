-- What is no file is written to, never replaced.
local fs = require "cso.std.fs"
local folder = require("spec.cmd.folder") "--sim --region us-east-1"

describe("a pipe in the place of a file", function()
  before_each(folder.open)
  after_each(folder.close)

  local function pipe(name) assert(os.execute(("mkfifo '%s/%s'"):format(folder.dir, name))) end

  it("gets what would be written", function()
    pipe "p"
    local got = assert(io.popen(("cat '%s/p'"):format(folder.dir)))
    assert(fs.write_atomic(folder.dir .. "/p", "whole", 384))
    assert.equal("whole", got:read "a")
    got:close()
    assert.equal("other", fs.stat(folder.dir .. "/p").type)
    assert.is_true(fs.is_no_file(folder.dir .. "/p"))
  end)

  it("is no place for what is fetched", function()
    pipe "p"
    folder.write("h", "hi")
    local keys = "AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret"
    assert.equal(0, (folder.csorun("exec s3.CreateBucket Bucket=pipes", keys)))
    assert.equal(0, (folder.csorun("s3 cp h s3://pipes/h", keys)))
    for _, words in ipairs { "s3 cp s3://pipes/h p", "exec s3.GetObject Bucket=pipes Key=h --out p" } do
      local status, text = folder.csorun(words, keys)
      assert.not_equal(0, status, text)
      assert.match("is no file", text)
      assert.equal("other", fs.stat(folder.dir .. "/p").type)
    end
  end)

  it("is known by its name in /dev, where a link may lead to a file", function()
    assert.is_true(fs.is_no_file "/dev/stdout")
    assert.is_true(fs.is_no_file "/dev/null")
    assert.is_false(fs.is_no_file "/dev/shm/x")
    assert.is_false(fs.is_no_file(folder.dir))
    assert.is_false(fs.is_no_file(folder.dir .. "/none"))
  end)
end)
