using Platform.Api.Admin;
using Platform.Api.Lists;
using Platform.Api.Own;
using Platform.Api.Voices;
using Platform.Delivery;
using Platform.Delivery.Webhooks;
using Platform.Hosting.Nodes;
using Platform.Ledger;
using Platform.Ledger.Promotions;
using Platform.Ledger.Reconciliation;
using Platform.Ledger.Statements;
using Platform.Messaging;
using Platform.Persistence;
using Platform.Tasks;
using Platform.Tasks.Voices;
using Platform.Tenants;
using Platform.Tenants.Voices;

namespace Platform.Hosting;

/// <summary>What operators do and what they and the tenants read: the same code behind the command line and both surfaces.</summary>
internal static class AddOperatorsExtensions
{
    /// <summary>Needs the database and a clock, and nothing else of a server.</summary>
    public static void AddOperators(this IServiceCollection services)
    {
        services.AddSingleton<RegisterTenants>();
        services.AddSingleton<ReadTenants>();
        services.AddSingleton<ChangeTenant>();
        services.AddSingleton<RevokeKey>();
        services.AddSingleton<AskErasure>();
        services.AddSingleton<RotateWebhookSecret>();
        services.AddSingleton<AddCredit>();
        services.AddSingleton<ReadLedger>();
        services.AddSingleton<ReadCosts>();
        services.AddSingleton<ReadMargins>();
        services.AddSingleton<ReadStatement>();
        services.AddSingleton<ReadUsage>();
        services.AddSingleton<ListTasks>();
        services.AddSingleton<ReadQueue>();
        services.AddSingleton<InspectTasks>();
        services.AddSingleton<RetryTask>();
        services.AddSingleton<ReadBacklog>();
        services.AddSingleton<ReadHoldings>();
        services.AddSingleton<ReadNodes>();
        services.AddSingleton<TenantVoices>();
        services.AddSingleton<Consents>();
        services.AddSingleton<VoiceRules>();
        services.AddSingleton<RefundTask>();
        services.AddSingleton<GrantCredit>();
        services.AddSingleton<VolumeMarks>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<RollUsage>();
        services.AddReconciliation();
        services.AddPayments();
    }

    /// <summary>What verbs repair beside a running platform, without a way to its broker.</summary>
    public static void AddRepairs(this IServiceCollection services)
    {
        services.AddSilentBus();
        services.AddSingleton<ReadOutcomes>();
        services.AddSingleton<SettleTasks>();
        services.AddSingleton<CancelTask>();
        services.AddSingleton<ListWebhooks>();
        services.AddSingleton<ReplayWebhooks>();
    }

    /// <summary>The addresses over it.</summary>
    public static void AddOperatorSurface(this IServiceCollection services)
    {
        services.AddAdmin();
        services.AddSingleton<Exports>();
        services.AddSingleton<OwnErrors>();
        services.AddSingleton<OwnGate>();
        services.AddSingleton<OwnReads>();
        services.AddSingleton<OwnStatement>();
        services.AddSingleton<OwnWebhooks>();
        services.AddPaymentSurface();
    }

    /// <summary>Voices of tenants' own and consents, over HTTP.</summary>
    public static void AddVoices(this IServiceCollection services)
    {
        services.AddSingleton<VoiceMakers>();
        services.AddSingleton<TakeRecording>();
        services.AddSingleton<MakeVoice>();
        services.AddSingleton<VoiceDesk>();
        services.AddSingleton<VoiceList>();
        services.AddSingleton<OwnVoices>();
        services.AddSingleton<OwnConsents>();
        services.AddSingleton<VoicesEndpoint>();
    }
}
