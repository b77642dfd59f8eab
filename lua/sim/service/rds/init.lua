--- Relational Database Service: instances, subnet groups, parameter groups.
return {
  parts = { "instance", "subnetgroup", "parametergroup", "tag", "engine" },
}
