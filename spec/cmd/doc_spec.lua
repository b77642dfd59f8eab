local doc = require "cso.cmd.doc"
local files = require "cso.models.files"
local json = require "cso.std.json"
local term = require "cso.ui.term"

local function show(word, options)
  options = options or {}
  options.paint, options.environ = term.paint(false), options.environ or {}
  return doc.text(word, options)
end

local function line_of(text, name)
  for line in text:gmatch("[^\n]+") do
    if line:match("^ *" .. name .. " ") then return line end
  end
end

describe("csorun doc", function()
  it("explains an operation", function()
    local text = assert(show("ec2.RunInstances"))
    assert.matches("required", line_of(text, "MaxCount"))
    assert.matches("integer", line_of(text, "MaxCount"))
    assert.matches("list of BlockDeviceMapping", line_of(text, "BlockDeviceMappings"))
    assert.matches("filled in when absent", line_of(text, "ClientToken"))
    assert.matches("\noutput\n", text)
  end)

  it("names pages, waiters and errors", function()
    local text = assert(show("ec2.DescribeVpcs"))
    assert.matches("results in Vpcs", text)
    assert.matches("VpcAvailable", text)
    assert.matches("ResourceNotFoundException", assert(show("lambda.GetFunction")))
  end)

  it("explains a type in both spellings", function()
    local text = assert(show("AWS::EC2::Subnet"))
    assert.equal(text, show("EC2.Subnet"))
    assert.matches("required, a change replaces, takes EC2.VPC.VpcId", line_of(text, "VpcId"))
    assert.matches("may replace", line_of(text, "Ipv6CidrBlock"))
    assert.matches("attributes %(read only%)", text)
  end)

  it("goes down to one member or property", function()
    assert.matches("gp3", assert(show("ec2.RunInstances.BlockDeviceMappings.Ebs.VolumeType")))
    assert.matches("CidrBlock", assert(show("ec2.DescribeVpcs.output.Vpcs")))
    local text = assert(show("ElasticLoadBalancingV2.Listener.DefaultActions"))
    assert.matches("takes ElasticLoadBalancingV2.TargetGroup.TargetGroupArn", line_of(text, "TargetGroupArn"))
    assert.matches("^AWS::RDS::DBInstance Endpoint.Port: string", assert(show("RDS.DBInstance.Endpoint.Port")))
  end)

  it("explains csorun's own types as playbooks name them", function()
    local text = assert(show("cso.s3.Object"))
    assert.matches("required, a change replaces, takes S3.Bucket.BucketName", line_of(text, "Bucket"))
    assert.matches("default \"\"", line_of(assert(show("cso.random.password")), "exclude"))
    assert.matches("^cso.tls.Certificate DnsNames: list of string", assert(show("cso.tls.certificate.DnsNames")))
    assert.matches("cso.acm.Import", assert(show(nil)))
    assert.matches("cso.acm.Import", assert(show("cso")))
    assert.equal("did you mean cso.s3.Object?", select(2, show("cso.s3.Objct")).hint)
    assert.matches("cso.s3.Object has no Nope", select(2, show("cso.s3.Object.Nope")).message)
  end)

  it("lists services, operations and types", function()
    assert.matches("cognito%-idp", assert(show(nil)))
    assert.matches("SendMessage", assert(show("sqs")))
    assert.matches("AWS::RDS::DBInstance", assert(show("AWS::RDS")))
    assert.matches("AWS::ElasticLoadBalancingV2::Listener", assert(show("ElasticLoadBalancingV2")))
  end)

  it("suggests what was meant", function()
    local cases = {
      ["ec3.RunInstances"] = "ec2", ["ec2.RunInstance"] = "RunInstances", ["AWS::EC2::Subnett"] = "AWS::EC2::Subnet",
      ["EC2.Subnet.VpcID"] = "VpcId", ["ec2.RunInstances.BlockDeviceMapping"] = "BlockDeviceMappings",
    }
    for word, meant in pairs(cases) do
      local text, e = show(word)
      assert.is_nil(text)
      assert.matches(meant, e.hint, 1, true)
      assert.equal("usage", e.class)
    end
  end)

  it("takes names without regard to case", function()
    assert.equal(show("ec2.StopInstances"), show("EC2.stopinstances"))
  end)

  it("adds the text of an installed model", function()
    local dir = os.tmpname()
    os.remove(dir)
    local path = dir .. "/sqs/2012-11-05/service-2.json"
    finally(function()
      os.remove(path)
      for _, below in ipairs { "/sqs/2012-11-05", "/sqs", "" } do os.remove(dir .. below) end
    end)
    assert(files.write(path, json.encode { metadata = { apiVersion = "2012-11-05", serviceId = "SQS" },
      operations = { DeleteQueue = { name = "DeleteQueue", documentation = "<p>Deletes <i>the</i> queue.</p>" } },
      shapes = { DeleteQueueRequest = { type = "structure", members = { QueueUrl = { shape = "S",
        documentation = "<p>The URL of it &amp; more. A second sentence.</p>" } } } } }))
    local text = assert(show("sqs.DeleteQueue", { texts = true, environ = { AWS_DATA_PATH = dir } }))
    assert.matches("Deletes the queue.", text, 1, true)
    assert.matches("The URL of it & more.", text, 1, true)
    assert.is_nil(text:find("second sentence", 1, true))
    text = assert(show("sqs.DeleteQueue", { texts = true, full = true, environ = { AWS_DATA_PATH = dir } }))
    assert.matches("A second sentence.", text, 1, true)
  end)
end)
