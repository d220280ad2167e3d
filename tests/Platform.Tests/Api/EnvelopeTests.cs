using System.Buffers;
using System.Text;
using Microsoft.Extensions.Options;
using Newtonsoft.Json.Linq;
using Platform.Api;
using Platform.Catalog;
using Platform.Delivery;
using Platform.Storage;
using Platform.Tenants;
using Xunit;

namespace Platform.Tests.Api;

public sealed class EnvelopeTests
{
    private static readonly Caller Somebody = new(Guid.NewGuid(), Guid.NewGuid(), 1, IsSuspended: false);

    private readonly Envelope envelope = new(
        new ErrorJson(Options.Create(new ApiOptions()), Options.Create(new StorageOptions { PublicBaseUrl = "https://speech.example/" })),
        ErrorTable.Load(SchemaFiles.Embedded()));

    [Fact]
    public void Items_alone_have_no_errors_key()
    {
        Assert.Equal((200, """{"data":[{"n":1},{"n":2}]}"""), Written(Ok("""{"n":1}"""), Ok("""{"n":2}""")));
    }

    [Fact]
    public void Errors_alone_have_no_data_key_and_the_status_of_the_first()
    {
        var (status, text) = Written(Failed(ErrorCodes.InsufficientCredits), Failed(ErrorCodes.InvalidTaskUUID));

        Assert.Equal(402, status);
        Assert.StartsWith("""{"errors":[{"code":"insufficientCredits",""", text, StringComparison.Ordinal);
        Assert.Equal(2, JObject.Parse(text)["errors"]!.Count());
    }

    [Theory]
    [InlineData(ErrorCodes.ServiceUnavailable)]
    [InlineData(ErrorCodes.InternalServerError)]
    [InlineData(ErrorCodes.RateLimitExceeded)]
    public void A_status_that_invites_to_try_again_is_not_given_when_a_task_was_accepted(string code)
    {
        var late = (Call("audioInference"), TaskReply.Failed(new TaskError(ErrorCodes.SyncTimeout, "Later.")) with { IsAccepted = true });

        Assert.Equal(400, Written(Failed(code), late).Status);
        Assert.Equal(400, Written(late, Failed(code)).Status);
        Assert.InRange(Written(Failed(code), Failed(ErrorCodes.InvalidTaskUUID)).Status, 429, 503);
    }

    [Fact]
    public void A_refused_authentication_says_its_error_under_two_names()
    {
        var output = new ArrayBufferWriter<byte>();

        envelope.WriteError(output, new TaskError(ErrorCodes.InvalidApiKey, "No."), ErrorSubject.Authentication, twice: true);

        var written = JObject.Parse(Encoding.UTF8.GetString(output.WrittenSpan));
        Assert.Equal("errors,error", string.Join(',', written.Properties().Select(property => property.Name)));
        Assert.Equal(written["error"]!.ToString(), Assert.Single(written["errors"]!).ToString());
        Assert.Equal("authentication", written["error"]!.Value<string>("taskType"));
    }

    [Fact]
    public void A_mixture_is_a_success_with_both()
    {
        var (status, text) = Written(Failed(ErrorCodes.InternalServerError), Ok("""{"n":1}"""));

        Assert.Equal(200, status);
        Assert.Equal("""{"n":1}""", JObject.Parse(text)["data"]![0]!.ToString(Newtonsoft.Json.Formatting.None));
        Assert.Equal("internalServerError", JObject.Parse(text)["errors"]![0]!.Value<string>("code"));
    }

    [Fact]
    public void One_task_may_give_items_and_errors()
    {
        var reply = new TaskReply
        {
            Items = ["""{"n":1}"""u8.ToArray()],
            Errors = [new TaskError(ErrorCodes.InferenceError, "It broke.")],
            PolledType = "audioInference",
        };

        var (status, text) = Written((Call("getResponse"), reply));

        Assert.Equal(200, status);
        var error = JObject.Parse(text)["errors"]![0]!;
        Assert.Equal(("error", "audioInference"), (error.Value<string>("status"), error.Value<string>("taskType")));
    }

    [Fact]
    public void An_error_of_the_request_names_no_task()
    {
        var output = new ArrayBufferWriter<byte>();

        var status = envelope.WriteError(output, new TaskError(ErrorCodes.InvalidJson, "Broken."));

        Assert.Equal(400, status);
        Assert.Equal(
            """{"errors":[{"code":"invalidJson","message":"Broken.","documentation":"https://speech.example/docs/errors#invalidJson"}]}""",
            Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void What_the_customer_sent_is_escaped_where_it_comes_back()
    {
        var hostile = "\"},{\"x\":\"\u0001\n<é>";

        var (_, text) = Written(
            (Call("audioInference", hostile), TaskReply.Failed(new TaskError(ErrorCodes.UnknownParameter, "No.") { Parameter = hostile })));

        var error = Assert.Single(JObject.Parse(text)["errors"]!);
        Assert.Equal((hostile, hostile), (error.Value<string>("taskUUID"), error.Value<string>("parameter")));
    }

    [Theory]
    [InlineData("integer", "[8000,44100]")]
    [InlineData("number", "[8000,44100]")]
    [InlineData("string", "[\"8000\",\"44100\"]")]
    public void Allowed_values_are_of_the_type_of_the_field(string type, string expected)
    {
        var error =
            new TaskError("invalidX", "No.") { Parameter = "a.B", Type = type, AllowedValues = ["8000", "44100"], Min = 0.25m, Max = 4 };

        var written = JObject.Parse(Written((Call("audioInference"), TaskReply.Failed(error))).Text)["errors"]![0]!;

        Assert.Equal(expected, written["allowedValues"]!.ToString(Newtonsoft.Json.Formatting.None));
        Assert.Equal((0.25m, 4m), (written.Value<decimal>("min"), written.Value<decimal>("max")));
        Assert.EndsWith("#request-a-b", written.Value<string>("documentation"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_operators_own_page_of_errors_is_linked_where_one_is_set()
    {
        var json = new ErrorJson(
            Options.Create(new ApiOptions { DocumentationUrl = "https://docs.example/e" }), Options.Create(new StorageOptions()));
        var output = new ArrayBufferWriter<byte>();

        new Envelope(json, ErrorTable.Load(SchemaFiles.Embedded())).WriteError(output, new TaskError(ErrorCodes.InvalidJson, "Broken."));

        Assert.Contains("\"https://docs.example/e#invalidJson\"", Encoding.UTF8.GetString(output.WrittenSpan), StringComparison.Ordinal);
    }

    private (int Status, string Text) Written(params (TaskCall, TaskReply)[] replies)
    {
        var output = new ReplyWriter(16);
        var status = envelope.Write(output, replies);
        return (status, Encoding.UTF8.GetString(output.ToText().Start.Span));
    }

    private static (TaskCall, TaskReply) Ok(string item) => (Call("ping"), TaskReply.Of(Encoding.UTF8.GetBytes(item)));

    private static (TaskCall, TaskReply) Failed(string code) =>
        (Call("audioInference"), TaskReply.Failed(new TaskError(code, "It broke.")));

    private static TaskCall Call(string taskType, string? taskUuid = null)
    {
        var json = new JObject { ["taskType"] = taskType };
        if (taskUuid is not null)
        {
            json["taskUUID"] = taskUuid;
        }

        return new TaskCall(Somebody, new SentTask(new ParsedTask(json, default), receivedAt: 0));
    }
}
