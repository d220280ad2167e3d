using Platform.Api.Lists;

namespace Platform.Api.Admin;

/// <summary>The body of an operator's request, or the problem with it.</summary>
internal readonly record struct AdminBody(BodyFields? Fields, IResult? Problem)
{
    private const int Largest = 64 * 1024;

    public static async Task<AdminBody> ReadAsync(HttpRequest request)
    {
        if (await RequestBody.ReadAsync(request, Largest) is not { } bytes)
        {
            return new AdminBody(null, Admin.Problem.Result(Admin.Problem.TooLarge));
        }

        return BodyFields.Parse(bytes) is { } fields
            ? new AdminBody(fields, null)
            : new AdminBody(null, Admin.Problem.Result(Admin.Problem.InvalidJson));
    }
}
