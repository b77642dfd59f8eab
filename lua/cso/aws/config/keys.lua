--- Settings that are one value. Indented lines under them are a mistake that must not pass for one.
local keys = {}
for name in ([[
  account_id_endpoint_mode auth_scheme_preference aws_access_key_id aws_account_id aws_secret_access_key
  aws_session_token ca_bundle credential_process credential_source defaults_mode disable_host_prefix_injection
  disable_request_compression duration_seconds ec2_metadata_service_endpoint ec2_metadata_service_endpoint_mode
  ec2_metadata_v1_disabled endpoint_discovery_enabled endpoint_url external_id ignore_configured_endpoint_urls
  imds_use_ipv6 login_session max_attempts metadata_service_num_attempts metadata_service_timeout mfa_serial region
  request_checksum_calculation request_min_compression_size_bytes response_checksum_validation retry_mode role_arn
  role_session_name s3_disable_express_session_auth s3_disable_multiregion_access_points s3_us_east_1_regional_endpoint
  s3_use_arn_region sdk_ua_app_id services sigv4a_signing_region_set source_profile sso_account_id sso_region
  sso_registration_scopes sso_role_name sso_session sso_start_url sts_regional_endpoints use_dualstack_endpoint
  use_fips_endpoint web_identity_token_file
]]):gmatch("%S+") do keys[name] = true end

return keys
