using System.Reflection;
using System.Runtime.CompilerServices;

namespace Platform.Tests.Layout;

/// <summary>What only the compiled types show: openness, interfaces without need, awaitable methods without their suffix.</summary>
internal static class AssemblyRules
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<Finding> CheckSealed(IReadOnlyList<Type> types) =>
        from type in types
        where type.IsClass && !type.IsSealed && !IsGenerated(type) && !IsEntryPoint(type)
        where !type.IsAbstract || types.Count(other => other.IsSubclassOf(type)) < 2
        let what = type.IsAbstract ? "the class is abstract with fewer than two descendants" : "the class is open"
        select new Finding(type.FullName!, 0, what, "sealed or static");

    public static IEnumerable<Finding> CheckInterfaces(IReadOnlyList<Type> types) =>
        from type in types
        where type.IsInterface && !IsGenerated(type)
        let count = types.Count(other => other is { IsClass: true, IsAbstract: false } && Implements(other, type))
        where count < 2
        select new Finding(type.FullName!, 0, $"the interface has {count} production implementations", "at least 2, or none of it");

    /// <summary>Whether anything implements anything yet: before that the interfaces are seams drawn ahead of their adapters.</summary>
    public static bool HasImplementations(IReadOnlyList<Type> types) =>
        types.Any(type => type.IsClass && type.GetInterfaces().Any(implemented => implemented.Assembly == type.Assembly));

    public static IEnumerable<Finding> CheckAsyncSuffix(IReadOnlyList<Type> types) =>
        from type in types
        where !IsGenerated(type) && !type.IsSubclassOf(typeof(Delegate))
        from method in type.GetMethods(Declared)
        where IsAwaitable(method.ReturnType) && !method.Name.EndsWith("Async", StringComparison.Ordinal)
        where !method.IsSpecialName && !IsGenerated(method) && !IsDecidedElsewhere(method) && !IsTest(method)
        select new Finding($"{type.FullName}.{method.Name}", 0, $"it returns {method.ReturnType.Name}", "a name that ends in Async");

    private static bool Implements(Type type, Type contract) =>
        type.GetInterfaces().Any(one => one == contract || (one.IsGenericType && one.GetGenericTypeDefinition() == contract));

    private static bool IsAwaitable(Type type) =>
        typeof(Task).IsAssignableFrom(type)
        || type == typeof(ValueTask)
        || (type.IsGenericType
            && (type.GetGenericTypeDefinition() == typeof(ValueTask<>) || type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)));

    private static bool IsGenerated(MemberInfo member) =>
        member.Name.Contains('<', StringComparison.Ordinal)
        || member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        || member.GetCustomAttributes(inherit: false).Any(attribute => attribute is System.CodeDom.Compiler.GeneratedCodeAttribute)
        || (member.DeclaringType is { } outer && IsGenerated(outer));

    private static bool IsEntryPoint(Type type) => type.Assembly.EntryPoint?.DeclaringType == type;

    private static bool IsTest(MethodInfo method) =>
        method.GetCustomAttributes(inherit: true).Any(attribute => attribute is Xunit.v3.IFactAttribute);

    /// <summary>
    /// An entry point is called Main; an override or an implementation of a foreign interface has the name that others gave it.
    /// </summary>
    private static bool IsDecidedElsewhere(MethodInfo method)
    {
        var type = method.DeclaringType!;
        var simple = method.Name[(method.Name.LastIndexOf('.') + 1)..];
        return method == type.Assembly.EntryPoint
            || simple is "Main"
            || method.GetBaseDefinition().DeclaringType != type
            || type.GetInterfaces()
                .Where(contract => contract.Assembly != type.Assembly)
                .SelectMany(contract => contract.GetMethods())
                .Where(other => string.Equals(other.Name, simple, StringComparison.Ordinal))
                .Any(other => other.GetParameters().Length == method.GetParameters().Length);
    }
}
