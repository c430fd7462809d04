using System.Buffers.Binary;
using System.Text.Json;
using Cluster.Coordinator.Api.Admission;
using Cluster.Coordinator.Api.Keys;
using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Scheduling;
using Cluster.Coordinator.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary><c>POST /v1/embeddings</c>: vectors of texts.</summary>
internal sealed class EmbeddingsEndpoint(ServingState state, TextGate gate, ApiOptions options, TimeProvider time)
{
    /// <summary>Texts of one request that are under way at a time.</summary>
    private const int AtOnce = 16;

    public async Task HandleAsync(HttpContext context)
    {
        var served = state.Require();
        var request = await RequestBody.ReadAsync(context, EmbeddingsRequest.Table, new EmbeddingsRequest()).ConfigureAwait(false);
        var model = served.Engine.Model;
        served.RequireModel(request.Model);
        foreach (var input in request.Inputs) input.Validate(model.VocabularySize, "input");
        if (request.Dimensions is { } dimensions && dimensions != model.HiddenSize)
            throw new ApiException(ApiError.Invalid("dimensions", $"Invalid 'dimensions': the model's vectors have {model.HiddenSize}, and no others can be had."));

        using var place = gate.Enter(Math.Min(AtOnce, request.Inputs.Count));
        using var deadline = RequestDeadline.Earliest(request.Timeout, options.RequestTimeout, time, context.RequestAborted);
        var key = context.Features.Get<ApiKey>();
        var texts = request.Inputs.Select(input => input.Encode(model.Tokenizer)).ToArray();
        var longest = Math.Min(model.ContextLength, key?.ContextLength ?? int.MaxValue);
        for (var i = 0; i < texts.Length; i++)
        {
            if (texts[i].Length == 0) throw new ApiException(ApiError.Invalid("input", $"Invalid 'input': element {i} is empty."));
            if (texts[i].Length > longest)
                throw new ApiException(ApiError.Invalid("input", $"Invalid 'input': element {i} has {texts[i].Length} tokens, at most {longest} are possible.") with { Code = "context_length_exceeded" });
        }

        var observation = RequestObservation.Of(context);
        observation?.Begin(context, "embeddings", served.ModelName, null);
        var vectors = await EmbedAsync(served.Engine, texts, key?.Tenant ?? Tenant.Anyone, deadline).ConfigureAwait(false);
        var tokens = texts.Sum(static text => text.Length);
        observation?.TakePrompt(tokens);
        await JsonResponses.WriteAsync(context, StatusCodes.Status200OK, json => Write(json, served.ModelName, request, vectors, tokens)).ConfigureAwait(false);
    }

    /// <exception cref="ApiException">The time is over.</exception>
    /// <exception cref="EngineException">A vector cannot be had.</exception>
    private async Task<float[][]> EmbedAsync(InferenceEngine engine, int[][] texts, Tenant tenant, RequestDeadline deadline)
    {
        var vectors = new float[texts.Length][];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = deadline.Token };
        try
        {
            await Parallel.ForAsync(0, texts.Length, parallel, async (i, cancellation) =>
                vectors[i] = await engine.EmbedAsync(texts[i], options.Pooling ?? Pooling.Mean, tenant, cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.IsOver)
        {
            throw new ApiException(deadline.Error);
        }

        return vectors;
    }

    private static void Write(Utf8JsonWriter json, string model, EmbeddingsRequest request, float[][] vectors, int tokens)
    {
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        for (var i = 0; i < vectors.Length; i++)
        {
            json.WriteStartObject();
            json.WriteString("object", "embedding");
            json.WriteNumber("index", i);
            if (request.IsBase64) json.WriteBase64String("embedding", Bytes(vectors[i]));
            else Write(json, vectors[i]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("model", model);
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", tokens);
        json.WriteNumber("total_tokens", tokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, float[] vector)
    {
        json.WriteStartArray("embedding");
        foreach (var element in vector) json.WriteNumberValue(element);
        json.WriteEndArray();
    }

    private static byte[] Bytes(float[] vector)
    {
        var bytes = new byte[vector.Length * sizeof(float)];
        for (var i = 0; i < vector.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        return bytes;
    }
}
