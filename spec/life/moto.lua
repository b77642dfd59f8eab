--- What moto cannot live although AWS can: whole lives by name, single edits by name and by the
--- text that they put in. Each says why; whoever finds moto mended takes the line out.
return {
  lives = {
    ["EC2 NetworkAcl"] = "DescribeNetworkAcls knows no filter network-acl-id",
    ["ELB ListenerCertificate and imported certificates"] = "DescribeListeners shows added certificates as its own",
  },
  edits = {
    ["EC2 Instance"] = {
      ["#!/bin/bash"] = "ModifyInstanceAttribute decodes UserData and then calls it malformed",
    },
    ["IAM Role"] = {
      ["MaxSessionDuration = 7200"] = "UpdateRole without a description takes the description away",
    },
    ["RDS DBInstance, DBSubnetGroup and DBParameterGroup"] = {
      ['DBSubnetGroupDescription = "two"'] = "ModifyDBSubnetGroup loses the group",
      ["{ subnets[1], subnets[2], subnets[3] }"] = "ModifyDBSubnetGroup loses the group",
    },
  },
}
