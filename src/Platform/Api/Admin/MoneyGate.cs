using Platform.Api.Lists;
using Platform.Ledger;
using Platform.Persistence;

namespace Platform.Api.Admin;

/// <summary>An operator's request to move money.</summary>
/// <param name="Action">As the audit log names it.</param>
internal sealed record MoneyCall(string Action, string Id, HttpRequest Request);

/// <summary>Money that is not moved, for a reason that the operator is told and the audit log keeps.</summary>
internal sealed class MoneyRefusedException(ProblemKind kind, string? detail) : Exception(detail ?? kind.Title)
{
    public ProblemKind Kind => kind;

    public string? Detail => detail;
}

/// <summary>
/// What all requests that move money share: the body is read for all its faults, the tenant is looked for, and every refusal leaves a record of who
/// wanted what and why not. The values that were sent are kept only where they were of the right kind.
/// </summary>
internal sealed class MoneyGate(ReadLedger read, Database database, AdminKey key)
{
    public string Actor => key.Actor;

    public async Task<IResult> RunAsync<TOrder>(
        MoneyCall call, Func<BodyFields, TOrder> readOrder, Func<Guid, TOrder, Task<IResult>> book, CancellationToken cancellation)
    {
        var (body, problem) = await AdminBody.ReadAsync(call.Request);
        if (body is null)
        {
            await RefuseAsync(call, null, "the body is no JSON object of a bearable size", cancellation);
            return problem!;
        }

        var order = readOrder(body);
        // A copy: reading fields for the record below would add to it.
        if (body.Finish().ToList() is { Count: > 0 } faults)
        {
            await RefuseAsync(call, body, string.Join(' ', faults.Select(static fault => fault.Message)), cancellation);
            return Problem.Result(faults);
        }

        if (AdminIds.Tenant(call.Id) is not { } tenantId || await read.FindAccountForTenantAsync(tenantId, cancellation) is null)
        {
            await RefuseAsync(call, body, "There is no such tenant.", cancellation);
            return AdminIds.NoTenant;
        }

        try
        {
            return await book(tenantId, order);
        }
        catch (InsufficientCreditException)
        {
            await RefuseAsync(call, body, Problem.InsufficientCredit.Title, cancellation);
            return Problem.Result(Problem.InsufficientCredit);
        }
        catch (MoneyRefusedException refused)
        {
            await RefuseAsync(call, body, refused.Message, cancellation);
            return Problem.Result(refused.Kind, refused.Detail);
        }
    }

    private Task RefuseAsync(MoneyCall call, BodyFields? body, string why, CancellationToken cancellation) => AuditLog.WriteAsync(
        database,
        new AuditEntry
        {
            Actor = key.Actor,
            Action = call.Action + ".refused",
            TenantId = AdminIds.Tenant(call.Id),
            Subject = body?.Text("reference", 200),
            After = AuditEntry.Fields(new { why, Amount = body?.Whole("amount", long.MinValue, long.MaxValue) }),
        },
        cancellation);
}
