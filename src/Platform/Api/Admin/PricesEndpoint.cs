using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Newtonsoft.Json.Linq;
using Platform.Api.Lists;
using Platform.Catalog;
using Platform.Pricing;
using Platform.Tenants;

namespace Platform.Api.Admin;

/// <summary>Prices of single tenants: set from an instant on, given up again, and listed beside what holds now.</summary>
internal sealed class PricesEndpoint(
    PriceOverrides overrides, SetPrice set, PriceBook book, ModelCatalog catalog, PriceGate gate)
{
    private const int LongestModel = 200;

    public void Map(IEndpointRouteBuilder admin)
    {
        admin.MapPost("/tenants/{id}/prices", SetAsync);
        admin.MapGet("/tenants/{id}/prices", ListAsync);
    }

    private async Task<IResult> SetAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        var (body, problem) = await AdminBody.ReadAsync(request);
        if (body is null)
        {
            return problem!;
        }

        var order = ReadOrder(body, out var price);
        if (body.Finish() is { Count: > 0 } faults)
        {
            return Problem.Result(faults);
        }

        if (await gate.FindTenantAsync(id, cancellation) is not { } tenantId)
        {
            return AdminIds.NoTenant;
        }

        var made = await set.RunAsync(order with { TenantId = tenantId }, price, gate.Actor, cancellation);
        return AnswerJson.Result(
            new { Version = $"override:{made}", order.Model, order.InForceAt, Price = price is null ? null : JsonNode.Parse(price) },
            StatusCodes.Status201Created);
    }

    private PriceOrder ReadOrder(BodyFields body, out string? price)
    {
        var model = body.Text("model", LongestModel, isRequired: true);
        var from = body.Instant("from");
        var isBook = body.Flag("bookPrice") ?? false;
        price = body.Raw("price");
        if (model is not null && catalog.Find(model) is null)
        {
            body.Refuse("model", "'model' must be one of the catalog; modelSearch lists them.");
        }

        if (from < gate.Now.AddMinutes(-1))
        {
            body.Refuse("from", "'from' must not lie in the past: tasks that were accepted keep their price.");
        }

        if (isBook == (price is not null))
        {
            body.Refuse("price", "Either 'price' is required, or 'bookPrice': true for the price of the book.");
        }

        if (price is not null)
        {
            CheckPrice(body, price);
        }

        return new PriceOrder(Guid.Empty, model ?? "", from ?? gate.Now);
    }

    private static void CheckPrice(BodyFields body, string price)
    {
        var reader = new PriceBookReader(allowsFree: true);
        reader.ReadPrice(JToken.Parse(price), "'price'", PriceUnit.Character);
        reader.Faults.ForEach(fault => body.Refuse("price", fault));
    }

    private async Task<IResult> ListAsync(string id, CancellationToken cancellation)
    {
        if (await gate.FindTenantAsync(id, cancellation) is not { } tenantId)
        {
            return AdminIds.NoTenant;
        }

        var own = await overrides.ListForTenantAsync(tenantId, cancellation);
        var now = catalog.Models.Select(model => NowOf(own, model.Air)).ToList();
        return AnswerJson.Result(new { Items = now, Overrides = own.Select(PriceAnswer.Of) });
    }

    private PriceAnswer NowOf(List<PriceOverride> own, string model)
    {
        var last = own.FindLast(one => string.Equals(one.Model, model, StringComparison.Ordinal) && one.InForceAt <= gate.Now);
        var line = last?.Price is { } price ? new PriceLine(last.Version, price) : book.Find(model, gate.Now);
        return PriceAnswer.Of(model, line);
    }
}

/// <summary>What requests about prices share.</summary>
internal sealed class PriceGate(ReadTenants tenants, AdminKey key, TimeProvider time)
{
    public string Actor => key.Actor;

    public DateTimeOffset Now => time.GetUtcNow();

    public async Task<Guid?> FindTenantAsync(string id, CancellationToken cancellation) =>
        AdminIds.Tenant(id) is { } tenantId && await tenants.FindAsync(tenantId, cancellation) is not null ? tenantId : null;
}

/// <summary>A price as operators see it.</summary>
internal sealed record PriceAnswer(
    string Model, string Version, DateTimeOffset? InForceAt, string? Unit, long? MicroUsdPerMillion, long? StepMicroUsd, long? MinimumMicroUsd)
{
    /// <summary>By volume; absent where the rate is always the same.</summary>
    public IReadOnlyList<PriceTier>? Tiers { get; init; }

    public static PriceAnswer Of(PriceOverride own) => own.Price is { } price
        ? Of(own.Model, new PriceLine(own.Version, price)) with { InForceAt = own.InForceAt }
        : new PriceAnswer(own.Model, own.Version, own.InForceAt, null, null, null, null);

    public static PriceAnswer Of(string model, PriceLine line) => new(
        model, line.Version, null, PriceBook.NameOf(line.Price.Unit), line.Price.MicroUsdPerMillion, line.Price.StepMicroUsd, line.Price.MinimumMicroUsd)
    {
        Tiers = line.Price.Tiers.Count > 0 ? line.Price.Tiers : null,
    };
}
