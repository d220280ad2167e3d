using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>Somebody with the admin key, who speaks HTTP and nothing else.</summary>
internal sealed class Operator(Uri address, string? key)
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(90) };

    public Uri Address => address;

    public Operator With(string? other) => new(address, other);

    public Operator At(Uri other) => new(other, key);

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, string body) => SendAsync(HttpMethod.Post, path, body);

    public Task<Answer> PatchAsync(string path, string body) => SendAsync(HttpMethod.Patch, path, body);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(address, path.StartsWith('/') ? path : "/admin/v1/" + path));
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }

    /// <summary>A tenant of this story alone.</summary>
    public async Task<string> NewTenantAsync(string fields = """{"name":"story","billing":"prepaid"}""")
    {
        var made = await PostAsync("tenants", fields);
        Assert.Equal(201, made.Status);
        return (string)made.Json["tenantId"]!;
    }

    /// <summary>The same with a key and credit: somebody who can send tasks.</summary>
    public async Task<Customer> NewCustomerAsync(long credit = 1_000_000, string name = "story")
    {
        var id = await NewTenantAsync($$"""{"name":"{{name}}","billing":"prepaid"}""");
        var made = await PostAsync($"tenants/{id}/keys", """{"name":"first"}""");
        if (credit > 0)
        {
            Assert.Equal(201, (await AddAsync(id, credit, "opening")).Status);
        }

        return new Customer(address, (string)made.Json["key"]!) { TenantId = Guid.Parse(id) };
    }

    public Task<Answer> AddAsync(string tenant, long amount, string reference) =>
        PostAsync($"tenants/{tenant}/credits", $$"""{"amount":{{amount}},"reason":"a story","reference":"{{reference}}"}""");
}

/// <summary>One answer of the operator surface or of a tenant's own read. A refusal is checked to be a problem, or an envelope.</summary>
internal sealed record Answer(int Status, string Text, string? ContentType)
{
    public JsonObject Json => JsonNode.Parse(Text)!.AsObject();

    public JsonObject[] Items => [.. Json["items"]!.AsArray().Select(static item => item!.AsObject())];

    /// <summary>The last part of a problem's type.</summary>
    public string Problem => ((string)Json["type"]!).Split('#')[1];

    /// <summary>The fields that are named as wrong, in order.</summary>
    public string Faults => string.Join(' ', Json["errors"]!.AsArray().Select(static one => (string?)one!["pointer"] ?? (string?)one["parameter"]));

    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var type = response.Content.Headers.ContentType?.MediaType;
        var answer = new Answer((int)response.StatusCode, text, type);
        if (type == "application/problem+json")
        {
            Assert.Equal(answer.Status, (int)answer.Json["status"]!);
            Assert.NotEmpty((string)answer.Json["title"]!);
            Assert.NotEmpty((string)answer.Json["detail"]!);
            Assert.StartsWith("/docs/problems#", (string)answer.Json["type"]!, StringComparison.Ordinal);
        }

        return answer;
    }
}
