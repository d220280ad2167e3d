namespace Platform.Tenants;

/// <summary>Something was to be made for a tenant whose data are erased or being erased. That stays so: a new tenant takes its place.</summary>
internal sealed class TenantErasedException(Guid tenantId)
    : InvalidOperationException($"Tenant {tenantId} is erased and stays so: make a new tenant.");
