using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Platform.Tenants.Limits;

namespace Platform.Api.Lists;

/// <summary>
/// Bounds answers that are streamed out of the database: each holds a connection of this node for as long as its reader takes, so that there
/// are few at a time, and a reader that hardly reads is cut off.
/// </summary>
internal sealed class Exports(IOptions<ApiOptions> options, TimeProvider time)
{
    /// <summary>Whose exports an operator's are counted as.</summary>
    public static readonly Guid Operators = Guid.Empty;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly TenantPlaces _places = new(options.Value.MaxExports, options.Value.MaxExportsPerTenant, time);
    private readonly MinDataRate _slowest = new(options.Value.ExportBytesPerSecond, Grace);

    /// <param name="busy">The answer where there are as many as there may be.</param>
    public IResult Bounded(Guid tenantId, IResult export, IResult busy) => new BoundedResult(this, tenantId, export, busy);

    private sealed class BoundedResult(Exports exports, Guid tenantId, IResult export, IResult busy) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            using var place = await exports._places.EnterAsync(tenantId, TimeSpan.Zero);
            if (place is null)
            {
                await busy.ExecuteAsync(httpContext);
                return;
            }

            if (httpContext.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            {
                rate.MinDataRate = exports._slowest;
            }

            await export.ExecuteAsync(httpContext);
        }
    }
}
