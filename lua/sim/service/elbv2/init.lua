--- Elastic Load Balancing v2: application and network load balancers.
return {
  parts = { "balancer", "target", "listener", "rule", "tag" },
  arn = "elasticloadbalancing",
}
