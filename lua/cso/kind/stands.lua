--- Who stands where: things that stand in the zones of a group of subnets, and say in which. Their service does
--- not let a subnet go from the group as long as one of them stands in it (SubnetAlreadyInUse, SubnetInUse).
---
---   by     the property by which a thing names its group, or what stands for it in one
---   of     the type that it names
---   zones  where a thing says its zones: dotted paths of what a read shows or the playbook says
---   moves  zone's path -> how it leaves that zone and keeps what is in it; `alone` where it has no standby
---   twice  the property that says whether it has a standby
local STANDBY = "apply MultiAZ = false first, and take the zone away after that"
local FAIL_OVER = "let it fail over to its standby (rds.RebootDBInstance with ForceFailover = true), " .. STANDBY
local ALONE = "apply MultiAZ = true first, " .. FAIL_OVER:gsub("apply MultiAZ = false first", "apply MultiAZ = false")

return {
  ["AWS::DAX::Cluster"] = { by = "SubnetGroupName", of = "AWS::DAX::SubnetGroup", zones = { "AvailabilityZones" } },
  ["AWS::DMS::ReplicationInstance"] = { by = "ReplicationSubnetGroupIdentifier", of = "AWS::DMS::ReplicationSubnetGroup",
    zones = { "AvailabilityZone" } },
  ["AWS::DocDB::DBCluster"] = { by = "DBSubnetGroupName", of = "AWS::DocDB::DBSubnetGroup" },
  ["AWS::DocDB::DBInstance"] = { by = "DBClusterIdentifier", of = "AWS::DocDB::DBCluster", zones = { "AvailabilityZone" } },
  ["AWS::ElastiCache::CacheCluster"] = { by = "CacheSubnetGroupName", of = "AWS::ElastiCache::SubnetGroup",
    zones = { "PreferredAvailabilityZone", "PreferredAvailabilityZones" } },
  ["AWS::ElastiCache::ReplicationGroup"] = { by = "CacheSubnetGroupName", of = "AWS::ElastiCache::SubnetGroup",
    zones = { "PreferredCacheClusterAZs" } },
  ["AWS::Neptune::DBCluster"] = { by = "DBSubnetGroupName", of = "AWS::Neptune::DBSubnetGroup" },
  ["AWS::Neptune::DBInstance"] = { by = "DBClusterIdentifier", of = "AWS::Neptune::DBCluster", zones = { "AvailabilityZone" } },
  -- A member of a cluster tells the group of the cluster.
  ["AWS::RDS::DBInstance"] = { by = "DBSubnetGroupName", of = "AWS::RDS::DBSubnetGroup",
    zones = { "AvailabilityZone", "SecondaryAvailabilityZone" },
    moves = { AvailabilityZone = FAIL_OVER, SecondaryAvailabilityZone = STANDBY, alone = ALONE }, twice = "MultiAZ" },
  ["AWS::Redshift::Cluster"] = { by = "ClusterSubnetGroupName", of = "AWS::Redshift::ClusterSubnetGroup",
    zones = { "AvailabilityZone" } },
}
