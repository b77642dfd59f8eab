-- Standard input and output as the content of objects, whatever stands at their other end.
local task = require "cso.task"
local uv = require "luv"
local world = require "spec.scenario.world"

local function with_bucket(fn)
  world.run({}, function(p)
    local code, text = p:csorun { "exec", "s3.CreateBucket", "Bucket=jar",
      "CreateBucketConfiguration.LocationConstraint=eu-west-2" }
    assert.equal(0, code, text)
    function p.sh(line) return p:start({ "-c", line }, { program = "/bin/sh", env = { CSORUN = world.bin .. "/csorun" } }) end
    fn(p)
  end)
end

local function run(p, line)
  local code, out, err = p.sh(line).wait()
  return code, out, err
end

describe("csorun s3 cp of a stream", function()
  it("takes files, nothing, pipes that are slow, and no input at all", function()
    with_bucket(function(p)
      p:write("big", ("0123456789abcde\n"):rep(1 << 20))
      for name, input in pairs { file = "<big", pipe = "< /dev/null cat big |", none = "</dev/null",
        slow = "(head -c 9000000 big; sleep 0.3; tail -c +9000001 big) |" } do
        local line = input:find("|$") and input .. ' "$CSORUN" s3 cp - s3://jar/k' or '"$CSORUN" s3 cp - s3://jar/k ' .. input
        local code, out, err = run(p, line)
        assert.equal(0, code, name .. out .. err)
        code, out, err = run(p, ('"$CSORUN" s3 cp s3://jar/k - | cmp - %s'):format(name == "none" and "/dev/null" or "big"))
        assert.equal(0, code, name .. out .. err)
      end
      local code, _, err = run(p, '"$CSORUN" s3 cp - s3://jar/k2 <&-')
      assert.equal(3, code)
      assert.match("can't read standard input", err, 1, true)
      assert.equal(1, (p:csorun { "exec", "s3.HeadObject", "Bucket=jar", "Key=k2" }))
    end)
  end)

  it("waits for a reader who takes his time, and ends with one who goes away", function()
    with_bucket(function(p)
      p:write("big", ("0123456789abcde\n"):rep(3 << 20))
      assert.equal(0, (p:csorun { "s3", "cp", "big", "s3://jar/k" }))
      local code, out, err = run(p, '"$CSORUN" s3 cp s3://jar/k - | (sleep 1; cmp - big)')
      assert.equal(0, code, out .. err)
      local _
      _, out, err = run(p, '("$CSORUN" s3 cp s3://jar/k -; echo "code $?" >&2) | head -c 5')
      assert.equal("01234", out)
      assert.match("can't write to standard output: broken pipe", err, 1, true)
      assert.match("code 3", err, 1, true)
      _, _, err = run(p, '"$CSORUN" s3 cp s3://jar/k - >/dev/full; echo "code $?" >&2')
      assert.match("no space left on device", err, 1, true)
      _, _, err = run(p, '"$CSORUN" s3 cp s3://jar/k - >&-; echo "code $?" >&2')
      assert.match("code 3", err, 1, true)
      code, out, err = run(p, 'echo before >out; "$CSORUN" s3 cp s3://jar/k - >>out; tail -c +8 out | cmp - big')
      assert.equal(0, code, out .. err)
    end)
  end)

  it("is interrupted while nothing comes and nobody reads, and leaves nothing", function()
    with_bucket(function(p)
      p:write("big", ("0123456789abcde\n"):rep(3 << 20))
      assert.equal(0, (p:csorun { "s3", "cp", "big", "s3://jar/k" }))
      for _, line in ipairs { "sh -c 'echo $$ >other; cat big; exec sleep 60' | %s up",
        "%s down | sh -c 'echo $$ >other; exec sleep 60'" } do
        p.calls = {}
        local uploads = line:find "up$" ~= nil
        local command = ([[sh -c 'echo $$ >pid; exec "$CSORUN" s3 cp %s']]):format(
          uploads and "- s3://jar/up" or "s3://jar/k -")
        local child = p.sh((line:gsub("%%s %a+", function() return command end)))
        local requests = p.requests
        world.wait_for("both ends at work", function()
          return (p:read "pid" or "") ~= "" and (p:read "other" or "") ~= ""
            and (uploads and #p.calls >= 3 or not uploads and p.requests > requests)
        end)
        task.sleep(0.3)
        local pid, other = tonumber(p:read "pid"), tonumber(p:read "other")
        os.remove(p.dir .. "/pid")
        os.remove(p.dir .. "/other")
        assert.equal(0, uv.kill(pid, "sigint"), line)
        world.wait_for("its end", function() return uv.kill(pid, 0) ~= 0 end)
        assert.equal(0, uv.kill(other, "sigkill"), line .. " waited for the other end")
        child.wait()
      end
      local code, text = p:csorun { "exec", "s3.ListMultipartUploads", "Bucket=jar", "--query", "Uploads" }
      assert.equal(0, code, text)
      assert.is_nil(text:find("UploadId", 1, true), text)
    end)
  end)
end)
