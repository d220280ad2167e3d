using Npgsql;
using Platform.Persistence;
using Xunit;

namespace Platform.Tests.Persistence;

public sealed class DatabaseRetryTests
{
    [Theory]
    [InlineData(PostgresErrorCodes.ReadOnlySqlTransaction)]
    [InlineData(PostgresErrorCodes.DiskFull)]
    [InlineData(PostgresErrorCodes.TooManyConnections)]
    [InlineData(PostgresErrorCodes.CannotConnectNow)]
    [InlineData(PostgresErrorCodes.AdminShutdown)]
    [InlineData(PostgresErrorCodes.QueryCanceled)]
    [InlineData(PostgresErrorCodes.ProtocolViolation)]
    [InlineData(PostgresErrorCodes.InvalidPassword)]
    [InlineData(PostgresErrorCodes.InvalidCatalogName)]
    [InlineData(PostgresErrorCodes.InsufficientPrivilege)]
    public void What_an_operator_mends_ends_no_process(string state) => Assert.True(DatabaseRetry.MayPass(Fault(state)));

    [Theory]
    [InlineData(PostgresErrorCodes.UniqueViolation)]
    [InlineData(PostgresErrorCodes.CheckViolation)]
    [InlineData(PostgresErrorCodes.UndefinedColumn)]
    [InlineData(PostgresErrorCodes.SyntaxError)]
    public void What_is_a_fault_of_ours_is_not_tried_again(string state) => Assert.False(DatabaseRetry.MayPass(Fault(state)));

    [Theory]
    [InlineData(PostgresErrorCodes.InvalidPassword, true)]
    [InlineData(PostgresErrorCodes.InvalidAuthorizationSpecification, true)]
    [InlineData(PostgresErrorCodes.InvalidCatalogName, true)]
    [InlineData(PostgresErrorCodes.InsufficientPrivilege, true)]
    [InlineData(PostgresErrorCodes.CannotConnectNow, false)]
    [InlineData(PostgresErrorCodes.ReadOnlySqlTransaction, false)]
    public void A_start_waits_for_a_server_and_not_for_right_settings(string state, bool ends) =>
        Assert.Equal(ends, DatabaseRetry.RefusesEntry(Fault(state)));

    private static PostgresException Fault(string state) => new("It was to fail.", "ERROR", "ERROR", state);
}
