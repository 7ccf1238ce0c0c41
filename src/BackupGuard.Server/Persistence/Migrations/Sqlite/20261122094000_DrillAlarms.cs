using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BackupGuard.Server.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class DrillAlarms : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "alarm_rang",
                table: "facts",
                type: "INTEGER",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "alarm_rang",
                table: "facts");
        }
    }
}
