using Xunit;

namespace Platform.Tests.Layout;

public sealed class AssemblyRulesTests
{
    [Theory]
    [InlineData("public class Open;")]
    [InlineData("public abstract class Open;")]
    [InlineData("public abstract class Open; sealed class OnlyChild : Open;")]
    [InlineData("record Open;")]
    [InlineData("static class Outer { internal class Open; }")]
    public void Catches_a_class_that_is_open(string code) =>
        Assert.EndsWith("Open", Assert.Single(AssemblyRules.CheckSealed(Compiled.Types(code))).File, StringComparison.Ordinal);

    [Theory]
    [InlineData("sealed class C;")]
    [InlineData("static class C { static Func<int> F(int x) => () => x; }")]
    [InlineData("struct C; interface I; enum E; delegate void D();")]
    [InlineData("abstract class C; sealed class A : C; sealed class B : C;")]
    public void Lets_pass_what_cannot_be_inherited_or_has_to_be(string code) =>
        Assert.Empty(AssemblyRules.CheckSealed(Compiled.Types(code)));

    [Theory]
    [InlineData("interface IAlone;", "0")]
    [InlineData("interface IAlone; sealed class A : IAlone;", "1")]
    [InlineData("interface IAlone<T>; sealed class A : IAlone<int>;", "1")]
    public void Catches_an_interface_without_need(string code, string count) =>
        Assert.Contains($"has {count} ", Assert.Single(AssemblyRules.CheckInterfaces(Compiled.Types(code))).What, StringComparison.Ordinal);

    [Fact]
    public void Lets_an_interface_pass_that_two_classes_implement() =>
        Assert.Empty(AssemblyRules.CheckInterfaces(Compiled.Types("interface I<T>; sealed class A : I<int>; sealed class B : I<long>;")));

    [Fact]
    public void Sees_whether_anything_is_implemented_yet()
    {
        Assert.True(AssemblyRules.HasImplementations(Compiled.Types("interface I; sealed class A : I;")));
        var foreign = Compiled.Types("interface I; sealed class A : ICloneable { object ICloneable.Clone() => 1; }");
        Assert.False(AssemblyRules.HasImplementations(foreign));
    }

    [Theory]
    [InlineData("Task Go() => Task.CompletedTask;")]
    [InlineData("Task<int> Go() => Task.FromResult(1);")]
    [InlineData("ValueTask Go() => default;")]
    [InlineData("ValueTask<int> Go() => default;")]
    [InlineData("IAsyncEnumerable<int> Go() => null!;")]
    [InlineData("static async Task Go() => await Task.Yield();")]
    public void Catches_an_awaitable_method_without_the_suffix(string method)
    {
        var finding = Assert.Single(AssemblyRules.CheckAsyncSuffix(Compiled.Types($"namespace N; class C {{ {method} }}")));
        Assert.Equal("N.C.Go", finding.File);
    }

    [Theory]
    [InlineData("class C { Task GoAsync() => Task.CompletedTask; }")]
    [InlineData("class C { Task Done { get; } = Task.CompletedTask; }")]
    [InlineData("delegate Task D();")]
    [InlineData("class C { static Task Main() => Task.CompletedTask; }")]
    [InlineData("class C { void M() { Task Local() => Task.CompletedTask; Func<Task> f = async () => await Local(); } }")]
    public void Leaves_alone_what_is_right_and_what_is_no_method_of_its_own(string code) =>
        Assert.Empty(AssemblyRules.CheckAsyncSuffix(Compiled.Types(code)));

    [Fact]
    public void Leaves_names_alone_that_a_foreign_type_gave()
    {
        var types = Compiled.Types(
            """
            class Implementation : IAlternateEqualityComparer<int, Task>
            {
                public Task Create(int alternate) => Task.CompletedTask;
                bool IAlternateEqualityComparer<int, Task>.Equals(int alternate, Task other) => true;
                int IAlternateEqualityComparer<int, Task>.GetHashCode(int alternate) => 0;
            }

            class Override : System.Text.Json.Serialization.JsonConverter<Task>
            {
                public override Task Read(ref System.Text.Json.Utf8JsonReader r, Type t, System.Text.Json.JsonSerializerOptions o) => null!;
                public override void Write(System.Text.Json.Utf8JsonWriter w, Task v, System.Text.Json.JsonSerializerOptions o) { }
            }
            """);
        Assert.Empty(AssemblyRules.CheckAsyncSuffix(types));
    }

    [Fact]
    public async Task Leaves_tests_alone()
    {
        await Task.CompletedTask;
        Assert.Empty(AssemblyRules.CheckAsyncSuffix([typeof(AssemblyRulesTests)]));
    }
}
