--- Elastic Compute Cloud: networks, addresses, firewalls, instances, disks.
return {
  parts = { "vpc", "subnet", "gateway", "address", "nat", "route", "group", "rule", "acl", "network",
    "endpoint", "flowlog", "place", "tag", "instance", "attribute", "profile", "template", "volume", "key" },
  tokens = { CreateVpcEndpoint = "ClientToken", CreateFlowLogs = "ClientToken" },
  -- RunInstances and the create operations keep their token for at least a day.
  token_life = 86400,
}
