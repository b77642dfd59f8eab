"""What an account on moto holds, in numbers: two that were made alike have the same."""
import portal_on_moto as portal

GONE = " that are gone"


def dead_or_alive(name, states):
    """How many there are, and of how many that are gone the account still tells."""
    gone = sum(state in ("deleted", "terminated") for state in states)
    return {name: len(states) - gone, name + GONE: gone}


def holdings(url):
    """How many of each thing there are."""
    client = portal.clients(url)
    ec2, elbv2, route53 = client("ec2"), client("elbv2"), client("route53")
    counts = {name: len(things) for name, things in portal.left(url).items()}
    own = [v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"] if not v["IsDefault"]]
    inside = [{"Name": "vpc-id", "Values": own}]
    groups = ec2.describe_security_groups(Filters=inside)["SecurityGroups"]
    tables = ec2.describe_route_tables(Filters=inside)["RouteTables"]
    balancers = elbv2.describe_load_balancers()["LoadBalancers"]
    listeners = [one for lb in balancers
                 for one in elbv2.describe_listeners(LoadBalancerArn=lb["LoadBalancerArn"])["Listeners"]]
    counts.update({
        "subnets": len(ec2.describe_subnets(Filters=inside)["Subnets"]),
        "route tables": len(tables), "routes": sum(len(t["Routes"]) for t in tables),
        "associations": sum(len(t["Associations"]) for t in tables),
        "gateways": len(ec2.describe_internet_gateways()["InternetGateways"]),
        **dead_or_alive("NAT gateways", [n["State"] for n in ec2.describe_nat_gateways()["NatGateways"]]),
        **dead_or_alive("endpoints", [e["State"] for e in ec2.describe_vpc_endpoints()["VpcEndpoints"]]),
        "rules": sum(len(g["IpPermissions"]) + len(g["IpPermissionsEgress"]) for g in groups),
        "flow logs": len(ec2.describe_flow_logs()["FlowLogs"]),
        **dead_or_alive("servers", [i["State"]["Name"] for r in ec2.describe_instances()["Reservations"]
                                    for i in r["Instances"]]),
        "listeners": len(listeners),
        "listener rules": sum(len(elbv2.describe_rules(ListenerArn=one["ListenerArn"])["Rules"]) for one in listeners),
        "records": sum(len(route53.list_resource_record_sets(HostedZoneId=z["Id"])["ResourceRecordSets"])
                       for z in route53.list_hosted_zones()["HostedZones"]),
        "parameters": len(client("ssm").describe_parameters()["Parameters"]),
        **inside_of(client),
    })
    return counts


def inside_of(client):
    """How many there are of what lives inside of other things."""
    iam, s3, efs = client("iam"), client("s3"), client("efs")
    rds, cognito = client("rds"), client("cognito-idp")
    roles = [r["RoleName"] for r in iam.list_roles()["Roles"]]
    systems = [f["FileSystemId"] for f in efs.describe_file_systems()["FileSystems"]]
    pools = [p["Id"] for p in cognito.list_user_pools(MaxResults=10)["UserPools"]]
    versions = [s3.list_object_versions(Bucket=b["Name"]) for b in s3.list_buckets()["Buckets"]]
    return {
        "role policies": sum(len(iam.list_role_policies(RoleName=r)["PolicyNames"])
                             + len(iam.list_attached_role_policies(RoleName=r)["AttachedPolicies"]) for r in roles),
        "profiles with a role": sum(len(p["Roles"]) for p in iam.list_instance_profiles()["InstanceProfiles"]),
        "aliases": sum(not a["AliasName"].startswith("alias/aws/") for a in client("kms").list_aliases()["Aliases"]),
        "objects": len({v["Key"] for page in versions for v in page.get("Versions", [])}),
        "mount targets": sum(len(efs.describe_mount_targets(FileSystemId=f)["MountTargets"]) for f in systems),
        "access points": len(efs.describe_access_points()["AccessPoints"]),
        "attached volumes": sum(len(v["Attachments"]) for v in client("ec2").describe_volumes()["Volumes"]),
        "subnet groups": len(rds.describe_db_subnet_groups()["DBSubnetGroups"]),
        "parameter groups": sum(not g["DBParameterGroupName"].startswith("default")
                                for g in rds.describe_db_parameter_groups()["DBParameterGroups"]),
        "subscriptions": len(client("sns").list_subscriptions()["Subscriptions"]),
        "clients": sum(len(cognito.list_user_pool_clients(UserPoolId=p)["UserPoolClients"]) for p in pools),
    }
