local common = require "cso.kind.aws.ElasticLoadBalancingV2.common"
local kind = require "cso.kind.declare"

return kind "AWS::ElasticLoadBalancingV2::Listener" {
  service = "elbv2", claims = { "LoadBalancerArn", "Port" },
  create = { "CreateListener", take = "Listeners[0]", tags = "Tags", skip = { "ListenerAttributes" },
    retry = { "^CertificateNotFound", "^UnsupportedCertificate" } },
  read = {
    "DescribeListeners", by = "ListenerArns", list = "Listeners[]", key = "ListenerArn", batch = 20, tags = "read",
    shape = function(model, _, r)
      if r.desired.ListenerAttributes then
        model.ListenerAttributes = r:call("DescribeListenerAttributes", { ListenerArn = r.id }).Attributes
      end
      return model
    end,
  },
  update = {
    { "ModifyListener", props = { "Port", "Protocol", "SslPolicy", "Certificates", "DefaultActions", "AlpnPolicy",
      "MutualAuthentication" }, always = { "Protocol" } },
    ListenerAttributes = common.set_attributes("ModifyListenerAttributes", "ListenerArn", "ListenerAttributes"),
  },
  back = { ListenerAttributes = { ["routing.http.response.server.enabled"] = "true", ["tcp.idle_timeout.seconds"] = "350" } },
  same = { ListenerAttributes = common.same_attributes },
  find = function(r)
    local out = r:call("DescribeListeners", { LoadBalancerArn = r.desired.LoadBalancerArn })
    for _, listener in ipairs(out.Listeners) do
      if listener.Port == tonumber(r.desired.Port) then return common.ours(r, { listener }, "ListenerArn") end
    end
  end,
  delete = { "DeleteListener" },
  seconds = { create = 1, delete = 1 },
}
