using System.Text;
using Microsoft.EntityFrameworkCore;

namespace Platform.Persistence;

/// <summary>
/// The tables as EF Core sees them, for reads, the operator surface and configuration. The hot statements go past it.
/// Each slice maps its own entities; the schema itself is in the numbered migrations.
/// </summary>
internal sealed class PlatformDb(DbContextOptions<PlatformDb> options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(PlatformDb).Assembly);
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(static entity => entity.GetProperties()))
        {
            property.SetColumnName(SnakeCase(property.Name));
        }
    }

    private static string SnakeCase(string name)
    {
        var column = new StringBuilder(name.Length + 4);
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && column.Length > 0)
            {
                column.Append('_');
            }

            column.Append(char.ToLowerInvariant(letter));
        }

        return column.ToString();
    }
}
