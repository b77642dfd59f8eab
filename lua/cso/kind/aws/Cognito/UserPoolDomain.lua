local kind = require "cso.kind.declare"

local function describe(r, domain)
  local out, e = r:try("DescribeUserPoolDomain", { Domain = domain })
  if not out then
    if e.code == "ResourceNotFoundException" then return nil end
    error(e, 0)
  end
  local d = out.DomainDescription
  return d and d.UserPoolId and d
end

return kind "AWS::Cognito::UserPoolDomain" {
  service = "cognito-idp", id = "Domain",
  create = { "CreateUserPoolDomain", bare = true, skip = { "Routing" }, id = function(r) return r.desired.Domain end },
  read = function(r)
    local d = describe(r, r.id)
    return d and { Domain = d.Domain or r.id, UserPoolId = d.UserPoolId, CloudFrontDistribution = d.CloudFrontDistribution,
      ManagedLoginVersion = d.ManagedLoginVersion, CustomDomainConfig = d.CustomDomainConfig }
  end,
  update = { { "UpdateUserPoolDomain", props = { "CustomDomainConfig", "ManagedLoginVersion" },
    always = { "UserPoolId" } } },
  find = function(r)
    local d = describe(r, r.desired.Domain)
    return d and d.UserPoolId == r.desired.UserPoolId and r.desired.Domain or nil
  end,
  ready = function(r)
    r:poll("waiting for ACTIVE", function()
      local d = describe(r, r.id)
      if d and d.Status == "FAILED" then r:fail("failed", r.address .. ": the domain could not be made") end
      return d and (d.Status == nil or d.Status == "ACTIVE")
    end, r.desired.CustomDomainConfig and 300 or 10)
  end,
  delete = { "DeleteUserPoolDomain", with = function(p, r) p.UserPoolId = r.desired.UserPoolId end },
  seconds = { create = 10, delete = 5 },
}
