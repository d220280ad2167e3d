using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;
using Newtonsoft.Json.Linq;
using Platform.Api;
using Platform.Persistence;
using Platform.Tenants;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Api;

public sealed class AuthenticateTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Bearer {0}")]
    [InlineData("bearer {0}")]
    [InlineData("BEARER   {0}  ")]
    public async Task Takes_a_key_from_the_header(string header)
    {
        var (tenantId, key) = await RegisterAsync();

        var (caller, error) = await Over(database.ConnectionString).RunAsync(RequestWith(string.Format(header, key)), [], Cancellation);

        Assert.Null(error);
        Assert.Equal(tenantId, caller!.TenantId);
    }

    [Fact]
    public async Task The_header_decides_where_a_task_brings_another_key()
    {
        var (header, task) = (await RegisterAsync(), await RegisterAsync());
        var first = new JObject { ["taskType"] = "authentication", ["apiKey"] = task.Key };
        var authenticate = Over(database.ConnectionString);

        Assert.Equal(
            header.TenantId, (await authenticate.RunAsync(RequestWith("Bearer " + header.Key), first, Cancellation)).Caller!.TenantId);
        Assert.Equal(task.TenantId, (await authenticate.RunAsync(RequestWith(null), first, Cancellation)).Caller!.TenantId);
    }

    [Theory]
    [InlineData("""{"taskType":"ping","apiKey":"KEY"}""")]
    [InlineData("""{"taskType":"authentication"}""")]
    [InlineData("""{"taskType":"authentication","apiKey":7}""")]
    [InlineData("""{"taskType":["authentication"],"apiKey":"KEY"}""")]
    public async Task Nothing_else_is_a_key(string first)
    {
        var (_, key) = await RegisterAsync();
        var task = JObject.Parse(first.Replace("KEY", key, StringComparison.Ordinal));

        var (caller, error) = await Over(database.ConnectionString).RunAsync(RequestWith("Basic " + key), task, Cancellation);

        Assert.Null(caller);
        Assert.Equal("missingApiKey", error!.Code);
    }

    [Fact]
    public async Task A_mistyped_key_is_refused_without_a_look_at_the_database()
    {
        var (_, key) = await RegisterAsync();
        var mistyped = key[..^1] + (key[^1] == 'x' ? 'y' : 'x');

        Assert.Equal("invalidApiKey",
            (await Over("Host=127.0.0.1;Port=1").RunAsync(RequestWith("Bearer " + mistyped), [], Cancellation)).Error!.Code);
    }

    [Fact]
    public async Task A_database_that_is_away_says_nothing_about_the_key()
    {
        var (_, key) = await RegisterAsync();

        var (caller, error) = await Over("Host=127.0.0.1;Port=1").RunAsync(RequestWith("Bearer " + key), [], Cancellation);

        Assert.Null(caller);
        Assert.Equal("serviceUnavailable", error!.Code);
    }

    private static Authenticate Over(string connectionString) => new(
        new FindCaller(Factory(connectionString), TimeProvider.System), NullLogger<Authenticate>.Instance);

    private static PooledDbContextFactory<PlatformDb> Factory(string connectionString) =>
        new(new DbContextOptionsBuilder<PlatformDb>().UseNpgsql(connectionString).Options, 2);

    private static HttpRequest RequestWith(string? authorization)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Authorization = authorization;
        return http.Request;
    }

    private async Task<(Guid TenantId, string Key)> RegisterAsync()
    {
        var register = new RegisterTenants(Factory(database.ConnectionString), TimeProvider.System);
        var tenant = await register.CreateTenantAsync("api", weight: 1, Cancellation);
        return (tenant.TenantId, (await register.CreateKeyAsync(tenant.TenantId, "test", null, Cancellation)).Text);
    }
}
