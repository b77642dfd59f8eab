-- What lies in directories and buckets besides plain files.
local world = require "spec.scenario.world"

local function with_bucket(fn)
  world.run({}, function(p)
    local code, text = p:csorun { "exec", "s3.CreateBucket", "Bucket=jar",
      "CreateBucketConfiguration.LocationConstraint=eu-west-2" }
    assert.equal(0, code, text)
    function p.sh(line) assert(os.execute(("cd '%s' && %s"):format(p.dir, line))) end
    function p.keys()
      local _, out = p:csorun { "s3", "ls", "s3://jar", "--recursive", "--json" }
      local list = {}
      for key in out:gmatch '"key":"([^"]*)"' do list[#list + 1] = key end
      return list
    end
    fn(p)
  end)
end

describe("a directory that is copied to S3", function()
  it("is followed through links, and what can't be taken is told", function()
    with_bucket(function(p)
      p.sh "mkdir -p src/deep; echo x >src/deep/f; echo x >src/file; ln -s file src/link; ln -s deep src/dir"
      p.sh "ln -s .. src/deep/up; ln -s nothing src/gone; mkfifo src/pipe; printf x >\"src/$(printf 'bad\\377')\""
      local code, text = p:csorun { "s3", "cp", "src", "s3://jar", "--recursive" }
      assert.equal(1, code, text)
      assert.same({ "deep/f", "dir/f", "file", "link" }, p.keys())
      for _, why in ipairs { "a link to a directory above it", "a link to nothing", "it is no file", "not UTF%-8" } do
        assert.match("is left out: .*" .. why, text)
      end
      code, text = p:csorun { "s3", "sync", "src", "s3://jar/plain", "--no-follow-symlinks", "--exclude", "bad*" }
      assert.equal(1, code, text)
      assert.same({ "deep/f", "dir/f", "file", "link", "plain/deep/f", "plain/file" }, p.keys())
    end)
  end)

  it("empties nothing on the other side when not all of it could be read", function()
    with_bucket(function(p)
      p.sh "mkdir src; echo x >src/a; echo x >src/b"
      assert.equal(0, (p:csorun { "s3", "sync", "src", "s3://jar" }))
      p.sh "rm src/b; ln -s nothing src/b"
      local code, text = p:csorun { "s3", "sync", "src", "s3://jar", "--delete" }
      assert.equal(1, code)
      assert.match("nothing is deleted, because 1 of src could not be read", text, 1, true)
      assert.same({ "a", "b" }, p.keys())
      p.sh "rm src/b"
      assert.equal(0, (p:csorun { "s3", "sync", "src", "s3://jar", "--delete" }))
      assert.same({ "a" }, p.keys())
    end)
  end)
end)

describe("names of objects", function()
  it("come down as far as a file system has room for them", function()
    with_bucket(function(p)
      for _, key in ipairs { "a//b", "e/./y", "k", "k/x", "line\27[2J", "plus+ %2F" } do
        assert.equal(0, (p:csorun { "exec", "s3.PutObject", "Bucket=jar", "Key=" .. key, "Body=x" }))
      end
      p.sh "mkdir -p down/k"
      local code, text = p:csorun { "s3", "cp", "s3://jar", "down", "--recursive" }
      assert.equal(3, code, text)
      assert.match("down/k is a directory", text, 1, true)
      assert.is_nil(text:find("\27", 1, true))
      assert.match("line\\x1b[2J", text, 1, true)
      local pipe = assert(io.popen(("cd '%s/down' && find . -type f | LC_ALL=C sort"):format(p.dir)))
      assert.equal("./a/b\n./e/y\n./k/x\n./line\27[2J\n./plus+ %2F\n", pipe:read "a")
      pipe:close()
    end)
  end)
end)
