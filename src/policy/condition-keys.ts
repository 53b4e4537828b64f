/**
 * The condition keys that a request to the evaluator can contain. A condition on any other key fails closed: no request contains the key,
 * so its absence means nothing.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and, for the services, the
 * Service Authorization Reference. Names are case-insensitive. A name that ends in `/` is followed by the name of a tag or a property.
 */
const known = new Set(
  [
    // From the principal (request.ts)
    'aws:PrincipalArn',
    'aws:PrincipalAccount',
    'aws:PrincipalType',
    'aws:PrincipalIsAWSService',
    'aws:PrincipalServiceName',
    'aws:FederatedProvider',
    'aws:userid',
    'aws:username',
    'aws:PrincipalTag/',
    // From the session
    'aws:SourceIdentity',
    'aws:TokenIssueTime',
    'aws:MultiFactorAuthPresent',
    'aws:MultiFactorAuthAge',
    'saml:aud',
    'saml:iss',
    'saml:sub',
    'token.actions.githubusercontent.com:aud',
    'token.actions.githubusercontent.com:sub',
    // From the request
    'aws:CalledVia',
    'aws:CurrentTime',
    'aws:EpochTime',
    'aws:RequestedRegion',
    'aws:RequestTag/',
    'aws:ResourceAccount',
    'aws:ResourceTag/',
    'aws:SecureTransport',
    'aws:SourceAccount',
    'aws:SourceArn',
    'aws:SourceIp',
    'aws:TagKeys',
    'aws:UserAgent',
    'aws:ViaAWSService',
    // From API Gateway, for calls about an API itself
    'apigateway:Request/',
    'apigateway:Resource/',
    // From the services in the action table
    'dynamodb:Attributes',
    'dynamodb:EnclosingOperation',
    'dynamodb:LeadingKeys',
    'dynamodb:ReturnConsumedCapacity',
    'dynamodb:ReturnValues',
    'dynamodb:Select',
    'events:detail-type',
    'events:source',
    'iam:ResourceTag/',
    'ses:ApiVersion',
    'ses:ClickTrackingEnabled',
    'ses:FeedbackAddress',
    'ses:FromAddress',
    'ses:FromDisplayName',
    'ses:MultiRegionEndpointId',
    'ses:OpenTrackingEnabled',
    'ses:Recipients',
    'ses:TenantName',
    'sns:Endpoint',
    'sns:Protocol',
    'sts:ExternalId',
    'sts:RoleSessionName',
    'sts:SourceIdentity',
    'sts:TransitiveTagKeys',
  ].map((key) => key.toLowerCase()),
)

export function isKnownKey(key: string): boolean {
  const lower = key.toLowerCase()
  const slash = lower.indexOf('/')
  return known.has(slash === -1 ? lower : lower.slice(0, slash + 1))
}

/** Keys of which a request can contain several values. */
const multiValued = new Set(
  [
    'aws:CalledVia',
    'aws:TagKeys',
    'cognito-identity.amazonaws.com:amr',
    'dynamodb:Attributes',
    'dynamodb:LeadingKeys',
    'ses:Recipients',
    'sts:TransitiveTagKeys',
  ].map((key) => key.toLowerCase()),
)

export function isMultiValuedKey(key: string): boolean {
  return multiValued.has(key.toLowerCase())
}

/** Keys whose values are never shown. Values that contain an address are hidden for every key (conditions.ts). */
const secretKeys = new Set(['sts:externalid', 'ses:fromdisplayname'])

export function isSecretKey(key: string): boolean {
  return secretKeys.has(key.toLowerCase())
}
