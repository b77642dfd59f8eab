--- Machines and functions.
local ask = require "cso.policy.ask"

-- The launch data of an instance or a template.
local function launch(r)
  if r.type == "AWS::EC2::LaunchTemplate" then return r.LaunchTemplateData or {} end
  return r
end

local LAUNCHED = { "EC2.Instance", "EC2.LaunchTemplate", "AutoScaling.LaunchConfiguration" }

-- An instance takes from its template what it does not say itself; the template is judged for itself.
local function has_template(r)
  return r.type == "AWS::EC2::Instance" and r.LaunchTemplate ~= nil
end

local function environment_secret(variables)
  return ask.first(ask.names(variables), function(name)
    local v = variables[name]
    local text = type(v) == "string" and v or ""
    local found = ask.secret_in(text)
    if not found and ask.names_secret(name) and #text >= 6 and not text:match("^arn:") then
      found = "the value of " .. name
    end
    return found
  end)
end

local OLD_RUNTIMES = { "^nodejs%d%.", "^nodejs1[0-8]%.", "^python2", "^python3%.[678]$", "^ruby2", "^java8$", "^dotnetcore",
  "^dotnet[56]$", "^go1%.x$", "^provided$" }

return {
  {
    id = "CSO-EC2-010", severity = "high", title = "Instance metadata asks for a token (IMDSv2)", on = LAUNCHED,
    why = "Without a token any request that a program can be talked into reads the credentials of the instance.",
    hint = 'MetadataOptions = { HttpTokens = "required" }',
    deny = function(r)
      local options = launch(r).MetadataOptions
      if options and options.HttpEndpoint == "disabled" or not options and has_template(r) then return end
      if not options or options.HttpTokens ~= "required" then return "IMDSv1 answers without a token" end
    end,
    fix = function(r)
      local options = { HttpTokens = "required" }
      if r.type == "AWS::EC2::LaunchTemplate" then return { LaunchTemplateData = { MetadataOptions = options } } end
      return { MetadataOptions = options }
    end,
    good = { ["EC2.Instance.a"] = { MetadataOptions = { HttpTokens = "required" } } },
    bad = { ["EC2.Instance.a"] = { InstanceType = "t3.micro" } },
  },
  {
    id = "CSO-EC2-011", severity = "medium", title = "Instances have no public address", on = LAUNCHED,
    why = "What is reachable from outside is attacked from outside.",
    hint = "stand behind a load balancer, in a private subnet",
    warn = function(r)
      local said = "it gets a public address"
      if r.type == "AWS::AutoScaling::LaunchConfiguration" then return r.AssociatePublicIpAddress == true and said end
      return ask.first(launch(r).NetworkInterfaces, function(interface)
        return interface.AssociatePublicIpAddress == true and said
      end)
    end,
    good = { ["EC2.Instance.a"] = { SubnetId = "subnet-1" } },
    bad = { ["EC2.Instance.a"] = { NetworkInterfaces = { { DeviceIndex = "0", AssociatePublicIpAddress = true } } } },
  },
  {
    id = "CSO-EC2-012", severity = "high", title = "Disks are encrypted",
    on = { "EC2.Volume", table.unpack(LAUNCHED) },
    why = "Snapshots and discarded disks can be read by whoever comes by them.", hint = "Encrypted = true",
    deny = function(r)
      if r.type == "AWS::EC2::Volume" then
        return r.Encrypted ~= true and "the volume is not encrypted" or nil
      end
      return ask.first(launch(r).BlockDeviceMappings, function(disk)
        return disk.Ebs and disk.Ebs.Encrypted ~= true and ("the disk %s is not encrypted"):format(disk.DeviceName)
      end)
    end,
    fix = function(r) if r.type == "AWS::EC2::Volume" then return { Encrypted = true } end end,
    good = { ["EC2.Volume.a"] = { Size = 8, Encrypted = true } },
    bad = { ["EC2.Instance.a"] = { BlockDeviceMappings = { { DeviceName = "/dev/xvda", Ebs = { VolumeSize = 8 } } } } },
  },
  {
    id = "CSO-EC2-013", severity = "critical", title = "User data holds no secrets", on = LAUNCHED,
    why = "Whoever may describe the instance, and every program on it, can read its user data.",
    hint = "let the machine fetch it from Secrets Manager or SSM when it starts",
    deny = function(r)
      local found = ask.secret_in(ask.plain_text(launch(r).UserData))
      return found and "it seems to hold " .. found or nil
    end,
    good = { ["EC2.Instance.a"] = { UserData = "#!/bin/sh\nPASSWORD=$(aws secretsmanager get-secret-value …)\n" } },
    bad = { ["EC2.Instance.a"] = { UserData = "#!/bin/sh\nexport DB_PASSWORD=Sup3rGeheim\n" } },
  },
  {
    id = "CSO-EC2-014", severity = "low", title = "Instances are monitored by the minute", on = "EC2.Instance",
    why = "Alarms on five-minute means come late.", hint = "Monitoring = true",
    warn = function(r) if r.Monitoring ~= true then return "detailed monitoring is off" end end,
    fix = function() return { Monitoring = true } end,
    good = { ["EC2.Instance.a"] = { Monitoring = true } }, bad = { ["EC2.Instance.a"] = { InstanceType = "t3.micro" } },
  },
  {
    id = "CSO-LAMBDA-001", severity = "critical", title = "Functions can't be called by everybody", on = "Lambda.Permission",
    why = "Anyone with an AWS account can run it, and its bill.", hint = "name the principal, or SourceArn and SourceAccount",
    deny = function(r)
      if r.Principal ~= "*" or r.SourceArn ~= nil or r.SourceAccount ~= nil or r.PrincipalOrgID ~= nil then return end
      return "it may be called by everybody"
    end,
    good = { ["Lambda.Permission.a"] = { Principal = "events.amazonaws.com", Action = "lambda:InvokeFunction" } },
    bad = { ["Lambda.Permission.a"] = { Principal = "*", Action = "lambda:InvokeFunction" } },
  },
  {
    id = "CSO-LAMBDA-002", severity = "critical", title = "Environments of functions hold no secrets", on = "Lambda.Function",
    why = "Whoever may look at the function reads its environment.", hint = "pass the secret's ARN and read it when it is needed",
    deny = function(r)
      local found = r.Environment and environment_secret(r.Environment.Variables)
      return found and "the environment seems to hold " .. found or nil
    end,
    good = { ["Lambda.Function.a"] = { Environment = { Variables = { DB_SECRET_ARN = "arn:aws:secretsmanager:x" } } } },
    bad = { ["Lambda.Function.a"] = { Environment = { Variables = { DB_PASSWORD = "Sup3rGeheim" } } } },
  },
  {
    id = "CSO-LAMBDA-003", severity = "high", title = "URLs of functions ask who comes", on = "Lambda.Url",
    why = "A URL without authorization is a public service.", hint = 'AuthType = "AWS_IAM", or put CloudFront in front of it',
    deny = function(r) if r.AuthType == "NONE" then return "its URL lets everybody in" end end,
    good = { ["Lambda.Url.a"] = { AuthType = "AWS_IAM" } }, bad = { ["Lambda.Url.a"] = { AuthType = "NONE" } },
  },
  {
    id = "CSO-LAMBDA-004", severity = "medium", title = "Runtimes of functions are maintained", on = "Lambda.Function",
    why = "Runtimes that have ended get no security fixes, and can't be deployed to for long.", hint = "take the current runtime",
    warn = function(r)
      for _, pattern in ipairs(OLD_RUNTIMES) do
        if type(r.Runtime) == "string" and r.Runtime:match(pattern) then return r.Runtime .. " has ended" end
      end
    end,
    good = { ["Lambda.Function.a"] = { Runtime = "python3.13" } }, bad = { ["Lambda.Function.a"] = { Runtime = "python3.7" } },
  },
  {
    id = "CSO-ECS-001", severity = "critical", title = "Environments of containers hold no secrets", on = "ECS.TaskDefinition",
    why = "Whoever may describe the task definition reads them.", hint = "put them into Secrets, with ValueFrom",
    deny = function(r)
      return ask.first(r.ContainerDefinitions, function(container)
        return ask.first(container.Environment, function(pair)
          local found = environment_secret { [pair.Name or ""] = pair.Value }
          return found and ("the environment of %s seems to hold %s"):format(container.Name or "a container", found)
        end)
      end)
    end,
    good = { ["ECS.TaskDefinition.a"] = { ContainerDefinitions = { { Name = "web", Environment = {
      { Name = "MODE", Value = "production" } } } } } },
    bad = { ["ECS.TaskDefinition.a"] = { ContainerDefinitions = { { Name = "web", Environment = {
      { Name = "API_KEY", Value = "0123456789abcdef" } } } } } },
  },
  {
    id = "CSO-ECS-002", severity = "high", title = "Containers are not privileged", on = "ECS.TaskDefinition",
    why = "A privileged container is root on its host.", hint = "leave Privileged out; add the capabilities that are needed",
    deny = function(r)
      return ask.first(r.ContainerDefinitions, function(container)
        return container.Privileged == true and (container.Name or "a container") .. " is privileged"
      end)
    end,
    good = { ["ECS.TaskDefinition.a"] = { ContainerDefinitions = { { Name = "web" } } } },
    bad = { ["ECS.TaskDefinition.a"] = { ContainerDefinitions = { { Name = "web", Privileged = true } } } },
  },
}
