-- An upload that is interrupted leaves no parts at the service, which would keep them, and their price, for ever.
local world = require "spec.scenario.world"

describe("an interrupted upload", function()
  for _, signal in ipairs { "sigint", "sigterm" } do
    it("is given up by " .. signal, function()
      world.run({}, function(p)
        p:write("big", ("0"):rep(64 << 20))
        local code, text = p:csorun { "exec", "s3.CreateBucket", "Bucket=uploads",
          "CreateBucketConfiguration.LocationConstraint=eu-west-2" }
        assert.equal(0, code, text)
        p.kill = { at = 3, moment = "before", signal = signal }
        code, text = p:csorun { "s3", "cp", "big", "s3://uploads/big" }
        assert.equal(130, code, text)
        assert.match("giving up", text, 1, true)
        code, text = p:csorun { "exec", "s3.ListMultipartUploads", "Bucket=uploads", "--query", "Uploads" }
        assert.equal(0, code, text)
        assert.is_nil(text:find("UploadId", 1, true), text)
      end)
    end)
  end
end)
