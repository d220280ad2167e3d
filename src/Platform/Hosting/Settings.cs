using Platform.Api;
using Platform.Api.Admin;
using Platform.Api.Sockets;
using Platform.Delivery.Sync;
using Platform.Delivery.Upload;
using Platform.Delivery.Webhooks;
using Platform.Engines;
using Platform.Hosting.Nodes;
using Platform.Ledger.Reconciliation;
using Platform.Messaging;
using Platform.Outbound;
using Platform.Persistence;
using Platform.Pricing;
using Platform.Storage;
using Platform.Tasks;
using Platform.Tenants;
using Platform.Tenants.Limits;
using Platform.Tenants.Voices;

namespace Platform.Hosting;

/// <summary>Binds each slice's options to its section.</summary>
internal static class Settings
{
    public static void AddSettings(this IServiceCollection services, IConfiguration settings)
    {
        services.Configure<DatabaseOptions>(settings.GetSection(DatabaseOptions.Section));
        services.Configure<BrokerOptions>(settings.GetSection(BrokerOptions.Section));
        services.Configure<StorageOptions>(settings.GetSection(StorageOptions.Section));
        services.Configure<S3Options>(settings.GetSection(S3Options.Section));
        services.Configure<StoredMediaOptions>(settings.GetSection(StoredMediaOptions.Section));
        services.Configure<TasksOptions>(settings.GetSection(TasksOptions.Section));
        services.Configure<EnginesOptions>(settings.GetSection(EnginesOptions.Section));
        services.Configure<WorkerOptions>(settings.GetSection(WorkerOptions.Section));
        services.Configure<DeliveryOptions>(settings.GetSection(DeliveryOptions.Section));
        services.Configure<WebhookOptions>(settings.GetSection(WebhookOptions.Section));
        services.Configure<UploadOptions>(settings.GetSection(UploadOptions.Section));
        services.Configure<LimitsOptions>(settings.GetSection(LimitsOptions.Section));
        services.Configure<SocketOptions>(settings.GetSection(SocketOptions.Section));
        services.Configure<OutboundOptions>(settings.GetSection(OutboundOptions.Section));
        services.Configure<ApiOptions>(settings.GetSection(ApiOptions.Section));
        services.Configure<PricingOptions>(settings.GetSection(PricingOptions.Section));
        services.Configure<ReconcileOptions>(settings.GetSection(ReconcileOptions.Section));
        services.ConfigurePayments(settings);
        services.Configure<TenantsOptions>(settings.GetSection(TenantsOptions.Section));
        services.Configure<NodesOptions>(settings.GetSection(NodesOptions.Section));
        services.Configure<VoiceOptions>(settings.GetSection(VoiceOptions.Section));
        services.Configure<AdminOptions>(settings.GetSection(AdminOptions.Section));
    }
}
