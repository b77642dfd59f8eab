--- The quotas that the simulator enforces, by name. Those that AWS sets low and raises on request
--- (VPCs, gateways and addresses per region) stand at a raised value, as a team's account has them.
return {
  ["VPCs per Region"] = 100,
  ["subnets per VPC"] = 200,
  ["route tables per VPC"] = 200,
  ["routes per route table"] = 500,
  ["internet gateways per Region"] = 100,
  ["NAT gateways per Availability Zone"] = 100,
  ["Elastic IP addresses per Region"] = 100,
  ["security groups per VPC"] = 2500,
  ["rules per security group"] = 60,
  ["network ACLs per VPC"] = 200,
  ["rules per network ACL"] = 20,
  ["gateway endpoints per Region"] = 20,
  ["interface endpoints per VPC"] = 50,
  ["network interfaces per Region"] = 5000,
  ["launch templates per Region"] = 5000,
  ["key pairs per Region"] = 5000,
}
