using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Api;

/// <summary>What requests for completions and for chat completions have in common, checked.</summary>
internal abstract record GenerationParameters
{
    /// <summary>Null: the one that is served.</summary>
    public string? Model { get; init; }

    /// <summary>Null: as many as the context holds.</summary>
    public int? MaxTokens { get; init; }

    public SamplingOptions Sampling { get; init; } = new();

    public IReadOnlyList<string> Stop { get; init; } = [];

    public bool Stream { get; init; }

    /// <summary>Whether a last chunk of the stream tells the usage.</summary>
    public bool IncludeUsage { get; init; }

    public bool IgnoreEndOfText { get; init; }

    /// <summary>How long the request may take; null: as long as the server lets it.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Texts to be written for each prompt.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Whether the answer tells the log-probabilities of its tokens.</summary>
    public bool WantsLogProbs { get; init; }

    /// <summary>Checks what concerns several parameters.</summary>
    /// <exception cref="ApiException">They do not fit together, or with the model.</exception>
    public virtual void Validate(int vocabularySize)
    {
        if (IncludeUsage && !Stream) throw new ApiException(ApiError.Invalid("stream_options", "'stream_options' is only allowed when 'stream' is true."));
        if (Sampling.Validate(vocabularySize) is [var error, ..]) throw new ApiException(ApiError.Invalid(error.Parameter, error.Message));
    }
}
