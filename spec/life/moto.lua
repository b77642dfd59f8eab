--- What moto cannot live although AWS can: whole lives by name, single edits by name and by the
--- text that they put in. Each says why; whoever finds moto mended takes the line out.
return {
  lives = {
    ["Backup BackupVault, BackupPlan and BackupSelection"] = "there are no backup selections",
    ["EC2 NetworkAcl"] = "DescribeNetworkAcls knows no filter network-acl-id",
    ["ELB ListenerCertificate and imported certificates"] = "DescribeListeners shows added certificates as its own",
  },
  edits = {
    ["Cognito UserPool, UserPoolClient and UserPoolDomain"] = {
      ["MinimumLength = 14"] = "UpdateUserPool takes away what it has no member for",
      ["AllowAdminCreateUserOnly = false"] = "UpdateUserPool takes away what it has no member for",
    },
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
