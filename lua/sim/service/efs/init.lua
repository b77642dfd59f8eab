--- Elastic File System: file systems, mount targets in subnets, access points.
return {
  parts = { "filesystem", "configuration", "mounttarget", "accesspoint", "tag" },
  arn = "elasticfilesystem",
  -- A repeated token is an error that names what stands there already.
  tokens = { CreateFileSystem = false, CreateAccessPoint = false },
  validation = { default = "BadRequest", missing = "BadRequest" },
}
