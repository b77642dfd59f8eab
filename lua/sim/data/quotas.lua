--- The quotas that the simulator enforces or tells of. Those that AWS sets low and raises on request
--- (VPCs, gateways and addresses: five per region) stand at a raised value, as a team's account has
--- them; `default` is AWS's own figure. Codes are those of Service Quotas.
local list = {
  { "vpc", "L-F678F1CE", "VPCs per Region", 100, default = 5 },
  { "vpc", "L-407747CB", "Subnets per VPC", 200 },
  { "vpc", "L-589F43AA", "Route tables per VPC", 200 },
  { "vpc", "L-93826ACB", "Routes per route table", 500 },
  { "vpc", "L-A4707A72", "Internet gateways per Region", 100, default = 5 },
  { "vpc", "L-FE5A380F", "NAT gateways per Availability Zone", 100, default = 5 },
  { "vpc", "L-E79EC296", "VPC security groups per Region", 2500 },
  { "vpc", "L-0EA8095F", "Inbound or outbound rules per security group", 60 },
  { "vpc", "L-2AFB9258", "Security groups per network interface", 5 },
  { "vpc", "L-B4A6D682", "Network ACLs per VPC", 200 },
  { "vpc", "L-2AEEBF1A", "Rules per network ACL", 20 },
  { "vpc", "L-DF5E4CA3", "Network interfaces per Region", 5000 },
  { "vpc", "L-1B52E74A", "Gateway VPC endpoints per Region", 20 },
  { "vpc", "L-29B6F2EB", "Interface VPC endpoints per VPC", 50 },
  { "ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", 100, default = 5 },
  { "ec2", "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 1152, default = 5 },
  { "ec2", "L-FB451C26", "Launch templates per Region", 5000 },
  { "elasticloadbalancing", "L-53DA6B97", "Application Load Balancers per Region", 50 },
  { "elasticloadbalancing", "L-B22855CB", "Target Groups per Region", 3000 },
  { "rds", "L-7B6409FD", "DB instances", 40 },
  { "elasticfilesystem", "L-848C634D", "File systems per account", 1000 },
}

local by_name = {}
for i, q in ipairs(list) do
  local row = { service = q[1], code = q[2], name = q[3], value = q[4], default = q.default or q[4] }
  list[i] = row
  by_name[row.name] = row.value
end

return {
  --- { service, code, name, value, default } in the order of the services.
  list = list,
  --- name → value
  by_name = by_name,
}
