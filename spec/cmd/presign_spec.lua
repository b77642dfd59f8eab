local shell = require "spec.cmd.shell_line"

local keys = "AWS_ACCESS_KEY_ID=AKID AWS_SECRET_ACCESS_KEY=s AWS_CONFIG_FILE=/dev/null "
  .. "AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_REGION=eu-west-2 "

describe("csorun presign", function()
  it("prints the URL, and beside it what has to be sent along", function()
    local text, status = shell(keys .. "$B/csorun presign s3.GetObject Bucket=bucket Key=k --expires 15m")
    assert.equal(0, status)
    assert.matches("^https://bucket%.s3%.eu%-west%-2%.amazonaws%.com/k%?[^\n]*X%-Amz%-Expires=900[^\n]*\n$", text)
    text = shell(keys .. "$B/csorun presign s3.PutObject Bucket=bucket Key=k ContentType=text/plain")
    assert.matches("\nuse it with PUT and\n  Content%-Type: text/plain\n$", text)
    text = shell(keys .. "$B/csorun presign sts.GetCallerIdentity --method GET --json")
    assert.matches('"method": "GET"', text)
  end)

  it("refuses what a URL cannot carry, and times that nobody grants", function()
    local text, status = shell(keys .. "$B/csorun presign dynamodb.ListTables")
    assert.equal(3, status)
    assert.matches("which a URL cannot carry", text)
    text, status = shell(keys .. "$B/csorun presign s3.GetObject Bucket=bucket Key=k --expires 8d")
    assert.equal(3, status)
    assert.matches("1 second to 7 days", text)
  end)
end)
