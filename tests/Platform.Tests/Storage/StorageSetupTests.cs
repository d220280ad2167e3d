using Platform.Storage;
using Xunit;

namespace Platform.Tests.Storage;

public sealed class StorageSetupTests
{
    [Theory]
    [InlineData("S3:Bucket", "No_Bucket", "", "", "")]
    [InlineData("S3:Endpoint", "bucket", "minio.internal:9000", "", "")]
    [InlineData("S3:Endpoint", "bucket", "https://minio.internal/path", "", "")]
    [InlineData("S3:AccessKey", "bucket", "", "key", "")]
    [InlineData("S3:AccessKey", "bucket", "", "", "secret")]
    public void Names_the_setting_that_does_not_fit(string named, string bucket, string endpoint, string key, string secret) =>
        Assert.Contains(
            named,
            StorageSetup.FindFault(new S3Options
            {
                Bucket = bucket,
                Endpoint = endpoint,
                AccessKey = key,
                SecretKey = secret,
            }),
            StringComparison.Ordinal);

    [Fact]
    public void Checks_the_prefix_the_region_and_the_redirect()
    {
        foreach (var (named, options) in ((string, S3Options)[])
        [
            ("S3:Prefix", new S3Options { Bucket = "bucket", Prefix = "platform" }),
            ("S3:Prefix", new S3Options { Bucket = "bucket", Prefix = "/platform/" }),
            ("S3:Redirect", new S3Options { Redirect = true }),
            ("S3:Region", new S3Options { Bucket = "bucket", Region = "" }),
        ])
        {
            Assert.Contains(named, StorageSetup.FindFault(options), StringComparison.Ordinal);
        }

    }

    [Fact]
    public void Finds_nothing_wrong_with_the_defaults_and_with_a_bucket_of_ones_own()
    {
        Assert.Null(StorageSetup.FindFault(new S3Options()));
        Assert.Null(StorageSetup.FindFault(new S3Options
        {
            Bucket = "speech-results", Endpoint = "http://127.0.0.1:9000", AccessKey = "a", SecretKey = "b", Prefix = "platform/", Redirect = true,
        }));
    }
}
