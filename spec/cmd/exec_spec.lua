local json = require "cso.std.json"
local shell = require "spec.cmd.shell_line"

local keys = "AWS_ACCESS_KEY_ID=AKID AWS_SECRET_ACCESS_KEY=verysecret AWS_SESSION_TOKEN=verytoken "
  .. "AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_REGION=eu-west-2 "

describe("csorun exec --dry-run", function()
  it("prints the signed request without a secret in it", function()
    local line = "$B/csorun exec rds.CreateDBInstance DBInstanceIdentifier=x MasterUserPassword=hunter2hunter "
      .. "DBInstanceClass=db.t3.micro Engine=postgres --dry-run"
    local text, status = shell(keys .. line)
    assert.equal(0, status)
    assert.matches("^POST https://rds%.eu%-west%-2%.amazonaws%.com/\n", text)
    assert.matches("x%-amz%-date: ", text)
    for _, secret in ipairs { "hunter2", "verysecret", "verytoken", "Signature" } do
      assert.is_nil(text:find(secret, 1, true), secret)
    end
    assert.matches("hunter2hunter", (shell(keys .. line .. " --reveal")))
  end)
end)

describe("csorun exec --dry-run without keys", function()
  it("prints where the request would go, and why it is not signed", function()
    local text, status = shell("AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_REGION=eu-west-2 "
      .. "AWS_SHARED_CREDENTIALS_FILE=/dev/null $B/csorun exec ec2.DescribeVpcs --dry-run 2>&1")
    assert.equal(0, status)
    assert.matches("not signed: no credentials were found", text, 1, true)
    assert.matches("POST https://ec2.eu-west-2.amazonaws.com/\n", text, 1, true)
    assert.is_nil(text:find("authorization", 1, true))
  end)

  it("hides what is signed ahead in it", function()
    local text = shell(keys .. "$B/csorun exec ec2.CopySnapshot SourceRegion=us-east-1 SourceSnapshotId=snap-1 --dry-run")
    assert.matches("PresignedUrl=https%3A%2F%2Fec2.us-east-1.amazonaws.com", text, 1, true)
    assert.matches("X-Amz-Signature%3D(hidden)", text, 1, true)
    assert.is_nil(text:find("verytoken", 1, true))
  end)
end)

describe("csorun exec --trace", function()
  it("tells each call with its time, bytes and request, as text or as JSON", function()
    local run = "d=$(mktemp -d) && cd $d && $B/csorun exec sts.GetCallerIdentity --sim --trace %s 2>&1 >out; rm -r $d"
    local text = shell(run:format "")
    assert.matches("sts%.GetCallerIdentity 200 %d+ ms, %d+ B out, %d+ B in, request %S+", text)
    local event = assert(json.decode((shell(run:format "--json"))))
    assert.equal("api_call", event.type)
    assert.equal(200, event.status)
    assert.is_string(event.request_id)
    assert.is_true(event.bytes_in > 0)
  end)
end)

describe("csorun exec", function()
  it("refuses a query that does not parse before it sends anything", function()
    local text, status = shell(keys .. "$B/csorun exec ec2.DeleteVpc VpcId=vpc-1 --dry-run --query 'a[' 2>&1")
    assert.equal(3, status)
    assert.matches("ends too early", text)
    assert.is_nil(text:find("POST", 1, true))
  end)

  it("waits until a waiter of the model is satisfied, and names those that fit", function()
    local text = shell("d=$(mktemp -d) && cd $d && "
      .. "id=$($B/csorun exec --sim ec2.CreateVpc CidrBlock=10.0.0.0/16 --query Vpc.VpcId --raw) && "
      .. "$B/csorun exec --sim ec2.DescribeVpcs VpcIds=$id --wait VpcAvailable && echo done; rm -r $d")
    assert.equal("done\n", text)
    local status
    text, status = shell(keys .. "$B/csorun exec ec2.DescribeVpcs --wait VpcAvailabel 2>&1")
    assert.equal(3, status)
    assert.matches("it has VpcAvailable, VpcExists", text)
  end)
end)
