using Microsoft.AspNetCore.Routing;
using Platform.Api.Payments;

namespace Platform.Api.Admin;

/// <summary>Everything under <c>/admin/v1</c>, behind one gate.</summary>
internal static class AdminSurface
{
    public const string Path = "/admin/v1";

    public static void MapAdmin(this IEndpointRouteBuilder app)
    {
        var services = app.ServiceProvider;
        var admin = app.MapGroup(Path).AddEndpointFilter(services.GetRequiredService<AdminGate>());
        services.GetRequiredService<TenantsEndpoint>().Map(admin);
        services.GetRequiredService<KeysEndpoint>().Map(admin);
        services.GetRequiredService<MoneyEndpoint>().Map(admin);
        services.GetRequiredService<CostsEndpoint>().Map(admin);
        services.GetRequiredService<MarginsEndpoint>().Map(admin);
        services.GetRequiredService<WebhooksEndpoint>().Map(admin);
        services.GetRequiredService<VoicesEndpoint>().Map(admin);
        services.GetRequiredService<PaymentsAdmin>().Map(admin);

        // Behind the gate too: who has no key learns nothing of what there is.
        admin.Map("/{**rest}", static () => Problem.Result(
            Problem.NotFound, "There is no such address with this method; /openapi/v1.json lists them all."));
        app.MapGet(Problem.Path, static () => Results.Content(ProblemPage.Render(), "text/html; charset=utf-8"));
    }

    public static void AddAdmin(this IServiceCollection services)
    {
        services.AddSingleton<AdminKey>();
        services.AddSingleton<AdminGate>();
        services.AddSingleton<TenantsEndpoint>();
        services.AddSingleton<KeysEndpoint>();
        services.AddSingleton<MoneyEndpoint>();
        services.AddSingleton<CostsEndpoint>();
        services.AddSingleton<MarginsEndpoint>();
        services.AddSingleton<WebhooksEndpoint>();
    }
}
