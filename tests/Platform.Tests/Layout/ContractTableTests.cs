using System.Reflection;
using Xunit;
using Xunit.v3;

namespace Platform.Tests.Layout;

public sealed class ContractTableTests
{
    private static readonly ILookup<string, Type> Classes = typeof(ContractTableTests).Assembly.GetTypes().ToLookup(type => type.Name, StringComparer.Ordinal);

    [Fact]
    public void Every_row_of_the_contract_has_tests_and_every_test_that_it_names_is_there()
    {
        Assert.All(ContractTable.Rows, static row => Assert.NotEmpty(row.Tests));
        Assert.All(ContractTable.Rows.SelectMany(row => row.Tests), test => Assert.True(IsThere(test), test));
        Assert.Equal(
            "1 2 3 4 5 9 10", string.Join(' ', ContractTable.Rows.Select(row => row.Section).Distinct(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("ContractTableTests.Catches_a_test_that_is_not_there", true)]
    [InlineData("ContractTableTests.*", true)]
    [InlineData("ContractTableTests.IsThere", false)]
    [InlineData("ContractTableTests.Something_else", false)]
    [InlineData("NoSuchTests.*", false)]
    public void Catches_a_test_that_is_not_there(string test, bool isThere) => Assert.Equal(isThere, IsThere(test));

    // A star stands for all tests of a class that has nothing else to do.
    private static bool IsThere(string test)
    {
        var (name, method) = (test.Split('.')[0], test.Split('.')[1]);
        return Classes[name].Any(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Any(one => (method is "*" || one.Name == method) && one.GetCustomAttributes().Any(static mark => mark is IFactAttribute)));
    }
}
