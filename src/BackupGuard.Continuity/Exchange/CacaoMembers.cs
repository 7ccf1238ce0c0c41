namespace BackupGuard.Continuity.Exchange;

/// <summary>The members that CACAO v2.0 knows (oasis-open/cacao-json-schemas, 7285329). What is in none of these lists is somebody's own, and is reported.</summary>
internal static class CacaoMembers
{
    private static readonly string[] Step =
        ["type", "name", "description", "external_references", "delay", "timeout", "step_variables", "owner", "on_completion", "on_success", "on_failure", "step_extensions"];

    public static readonly IReadOnlyList<string> Playbook =
    [
        "type", "spec_version", "id", "name", "description", "playbook_types", "playbook_activities", "playbook_processing_summary", "created_by", "created", "modified", "revoked", "valid_from",
        "valid_until", "derived_from", "related_to", "priority", "severity", "impact", "industry_sectors", "labels", "external_references", "markings", "playbook_variables", "workflow_start",
        "workflow_exception", "workflow", "playbook_extensions", "authentication_info_definitions", "agent_definitions", "target_definitions", "extension_definitions", "data_marking_definitions",
        "signatures",
    ];

    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> ByStep = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
    {
        ["start"] = Step,
        ["end"] = Step,
        ["action"] = [.. Step, "commands", "agent", "targets", "in_args", "out_args"],
        ["playbook-action"] = [.. Step, "playbook_id", "playbook_version", "in_args", "out_args"],
        ["parallel"] = [.. Step, "next_steps"],
        ["if-condition"] = [.. Step, "condition", "on_true", "on_false"],
        ["while-condition"] = [.. Step, "condition", "on_true"],
        ["switch-condition"] = [.. Step, "switch", "cases"],
    };

    public static readonly IReadOnlyList<string> Command =
        ["type", "version", "playbook_activity", "external_references", "command", "command_b64", "content", "content_b64", "headers"];
}
