--- What moto cannot live although AWS can: whole lives by name, single edits by name and by the
--- text that they put in. Each says why; whoever finds moto mended takes the line out.
return {
  lives = {
    ["ElasticLoadBalancingV2 ListenerRules that change places"] = "SetRulePriorities does not look at the new order",
    ["cso.tls.Authority, cso.tls.Certificate and cso.acm.Import"] = "a certificate imported again loses its tags",
    ["EC2 Instance in full"] = "ReplaceIamInstanceProfileAssociation does not show at the instance",
    ["ElasticLoadBalancingV2 TargetGroup"] = "DeregisterTargets does not look at ports",
    ["EFS FileSystem"] = "PutBackupPolicy fails inside",
    ["S3 Bucket and BucketPolicy"] = "logs go only where the log delivery group's ACL or a policy lets them",
    ["Logs LogGroup"] = "DisassociateKmsKey fails inside",
    ["SNS Topic and Subscription"] = "topics know neither SignatureVersion nor TracingConfig",
    ["Cognito UserPool, UserPoolClient and UserPoolDomain in full"] = "UpdateUserPool forgets the pool's username attributes",
    ["RDS DBSubnetGroup"] = "groups are not found by the lower-case names that they got",
    ["RDS DBParameterGroup"] = "ResetDBParameterGroup is unknown",
    ["EC2 NetworkAcl, NetworkAclEntry and SubnetNetworkAclAssociation"] =
      "DescribeNetworkAcls knows no filter network-acl-id",
    ["EC2 Subnet in full"] = "ModifySubnetAttribute takes no PrivateDnsHostnameTypeOnLaunch",
    ["EC2 private NatGateway"] = "a gateway's declared private address is forgotten",
    ["EC2 VPCEndpoint of an interface"] = "ModifyVpcEndpoint does not switch private names",
    ["EC2 Instance of a launch template"] = "RunInstances ignores the template's profile",
    ["EC2 Instance with encrypted volumes"] = "volumes of instances keep no rates",
    ["EC2 LaunchTemplate in full"] = "a version's data shows the tags of its template",
    ["EC2 Volume"] = "ModifyVolumeAttribute is unknown",
    ["KMS Key"] = "the period of a rotation is forgotten",
    ["CertificateManager Certificate"] = "a certificate is issued a minute of the clock later",
    ["Backup BackupVault, BackupPlan and BackupSelection"] = "there are no backup selections",
    ["Backup BackupVault, BackupPlan and BackupSelection in full"] = "there are no backup selections",
    ["ElasticLoadBalancingV2 Listener and ListenerCertificate"] = "DescribeListeners shows added certificates as its own",
    ["EC2 VPCEndpoint of a gateway"] = "an endpoint with route tables that came later cannot be deleted",
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
    ["EC2 NatGateway"] = {
      ["SubnetId = b"] = "the address of a deleted gateway stays associated",
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
