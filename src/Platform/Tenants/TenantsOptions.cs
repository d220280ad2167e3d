namespace Platform.Tenants;

/// <summary>How tenants' keys are made.</summary>
internal sealed class TenantsOptions
{
    public const string Section = "Tenants";

    /// <summary>The word in a new key that tells one installation's keys from another's, such as <c>live</c> or <c>test</c>.</summary>
    public string KeyEnvironment { get; set; } = "live";
}
