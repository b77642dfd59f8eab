--- Policies that AWS keeps in every account. Their text is cut down to one statement per service
--- that they speak of: the simulator does not evaluate permissions, it needs them to be there.
local managed = {}

--- path and name -> actions
local texts = {
  ["/AmazonSSMManagedInstanceCore"] = { "ssm:*", "ssmmessages:*", "ec2messages:*" },
  ["/AmazonSSMPatchAssociation"] = { "ssm:DescribeEffectivePatchesForPatchBaseline", "ssm:GetPatchBaseline" },
  ["/AmazonSSMReadOnlyAccess"] = { "ssm:Describe*", "ssm:Get*", "ssm:List*" },
  ["/AmazonSSMFullAccess"] = { "ssm:*" },
  ["/CloudWatchAgentServerPolicy"] = { "cloudwatch:PutMetricData", "logs:*", "ssm:GetParameter" },
  ["/CloudWatchAgentAdminPolicy"] = { "cloudwatch:PutMetricData", "logs:*", "ssm:GetParameter", "ssm:PutParameter" },
  ["/CloudWatchFullAccess"] = { "cloudwatch:*", "logs:*", "sns:*" },
  ["/CloudWatchLogsFullAccess"] = { "logs:*" },
  ["/AdministratorAccess"] = { "*" },
  ["/PowerUserAccess"] = { "*" },
  ["/ReadOnlyAccess"] = { "*:Describe*", "*:Get*", "*:List*" },
  ["/SecurityAudit"] = { "*:Describe*", "*:List*" },
  ["/AmazonEC2FullAccess"] = { "ec2:*" },
  ["/AmazonEC2ReadOnlyAccess"] = { "ec2:Describe*" },
  ["/AmazonEC2ContainerRegistryReadOnly"] = { "ecr:Get*", "ecr:Describe*", "ecr:List*" },
  ["/AmazonS3FullAccess"] = { "s3:*" },
  ["/AmazonS3ReadOnlyAccess"] = { "s3:Get*", "s3:List*" },
  ["/AmazonRDSFullAccess"] = { "rds:*" },
  ["/AmazonVPCFullAccess"] = { "ec2:*" },
  ["/AmazonRoute53FullAccess"] = { "route53:*" },
  ["/AmazonElasticFileSystemFullAccess"] = { "elasticfilesystem:*" },
  ["/AmazonElasticFileSystemClientReadWriteAccess"] = { "elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite" },
  ["/SecretsManagerReadWrite"] = { "secretsmanager:*" },
  ["/AmazonSNSFullAccess"] = { "sns:*" },
  ["/AmazonSQSFullAccess"] = { "sqs:*" },
  ["/AmazonDynamoDBFullAccess"] = { "dynamodb:*" },
  ["/AmazonEKSClusterPolicy"] = { "eks:*", "ec2:Describe*" },
  ["/AmazonEKSWorkerNodePolicy"] = { "ec2:Describe*", "eks:DescribeCluster" },
  ["/AmazonEKS_CNI_Policy"] = { "ec2:*NetworkInterface*" },
  ["/IAMFullAccess"] = { "iam:*" },
  ["/AWSXRayDaemonWriteAccess"] = { "xray:Put*" },
  ["/service-role/AmazonRDSEnhancedMonitoringRole"] = { "logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:PutLogEvents" },
  ["/service-role/AWSBackupServiceRolePolicyForBackup"] = { "backup:*", "ec2:CreateSnapshot", "elasticfilesystem:Backup",
    "rds:*" },
  ["/service-role/AWSBackupServiceRolePolicyForRestores"] = { "backup:*", "ec2:*", "elasticfilesystem:Restore", "rds:*" },
  ["/service-role/AWSLambdaBasicExecutionRole"] = { "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents" },
  ["/service-role/AWSLambdaVPCAccessExecutionRole"] = { "logs:*", "ec2:*NetworkInterface*" },
  ["/service-role/AmazonECSTaskExecutionRolePolicy"] = { "ecr:*", "logs:CreateLogStream", "logs:PutLogEvents" },
  ["/service-role/AmazonEC2ContainerServiceforEC2Role"] = { "ecs:*", "ecr:*" },
  ["/service-role/AWSConfigRole"] = { "config:*" },
  ["/service-role/AWS_ConfigRole"] = { "config:*" },
}

local made = {}

local function build(partition)
  local list, by_arn = {}, {}
  local names = {}
  for name in pairs(texts) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    local path, short = name:match("^(.*/)([^/]+)$")
    local quoted = {}
    for j, action in ipairs(texts[name]) do quoted[j] = '"' .. action .. '"' end
    local row = {
      PolicyName = short, Path = path, Arn = ("arn:%s:iam::aws:policy%s"):format(partition, name),
      PolicyId = ("ANPA%017d"):format(i), DefaultVersionId = "v1", CreateDate = 1423206000, UpdateDate = 1423206000,
      _versions = { { VersionId = "v1", CreateDate = 1423206000, Document =
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[' .. table.concat(quoted, ",")
          .. '],"Resource":"*"}]}' } },
    }
    list[i], by_arn[row.Arn] = row, row
  end
  made[partition] = { list = list, by_arn = by_arn }
  return made[partition]
end

--- An AWS-managed policy by ARN, or nil.
---@param partition string
---@param arn string
---@return table?
function managed.get(partition, arn)
  return (made[partition] or build(partition)).by_arn[arn]
end

--- All of them, sorted by ARN.
---@param partition string
---@return table[]
function managed.all(partition)
  return (made[partition] or build(partition)).list
end

return managed
