--- Relational Database Service: instances, subnet groups, parameter groups.
return {
  parts = { "instance", "snapshot", "subnetgroup", "parametergroup", "tag", "engine" },
}
