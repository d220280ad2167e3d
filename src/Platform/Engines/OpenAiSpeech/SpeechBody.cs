using System.Buffers;
using System.Text.Json;
using Platform.Media;

namespace Platform.Engines.OpenAiSpeech;

/// <summary>Renders a request as a server's dialect wants it. A field that a dialect does not know is not sent.</summary>
internal sealed class SpeechBody(SpeechDialect dialect, string model)
{
    public ReadOnlyMemory<byte> Render(SpeechRequest request, string? voice, long seed)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            if (model.Length > 0)
            {
                json.WriteString("model", model);
            }

            json.WriteString("input", request.Text);

            // A voice beside a recording has broken servers (vLLM-Omni #6970), and the recording is the voice.
            if (voice is not null && request.Reference is null)
            {
                json.WriteString("voice", voice);
            }

            // Always the same from the server, so that every engine gives all formats and speeds alike.
            json.WriteString("response_format", "wav");
            if (dialect != SpeechDialect.Plain)
            {
                WriteExtensions(json, request, seed);
            }
            else if (request.Prompt is { } instructions)
            {
                json.WriteString("instructions", instructions);
            }

            json.WriteEndObject();
        }

        return bytes.WrittenMemory;
    }

    private void WriteExtensions(Utf8JsonWriter json, SpeechRequest request, long seed)
    {
        var task = SpeechNames.TaskOf(request.Model);
        json.WriteString("task_type", task.ToString());
        json.WriteString("language", request.Language);
        json.WriteNumber("max_new_tokens", request.MaxNewTokens);
        json.WriteNumber("seed", seed);
        if (request.Prompt is { } instructions)
        {
            json.WriteString("instructions", instructions);
        }

        if (request.Reference is { } reference)
        {
            WriteReference(json, reference, request.XVectorOnly || reference.Transcript is null);
        }
    }

    private void WriteReference(Utf8JsonWriter json, ReferenceAudio reference, bool timbreOnly)
    {
        var file = WavEncoder.Encode(reference.Audio);
        json.WriteString("ref_audio", "data:audio/wav;base64," + Convert.ToBase64String(file.Span));
        if (!timbreOnly)
        {
            json.WriteString("ref_text", reference.Transcript);
        }
        else if (dialect == SpeechDialect.VllmOmni)
        {
            // SGLang-Omni takes the missing transcript for the same wish.
            json.WriteBoolean("x_vector_only_mode", true);
        }
    }
}
