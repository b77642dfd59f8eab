local rule_kind = require "cso.kind.aws.EC2.rule_kind"

return rule_kind("AWS::EC2::SecurityGroupEgress", "Egress", { "DestinationSecurityGroupId", "DestinationPrefixListId" })
